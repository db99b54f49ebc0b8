package geecache.bench.nodes;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Redis, as the benchmarks start it: it writes no files. */
public final class RedisServer {
  /** What it writes once it can be asked. */
  public static final String READY = "Ready to accept connections";

  private static final String PROGRAM = "redis-server";

  private RedisServer() {}

  public static boolean isInstalled() {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(directory -> Path.of(directory, PROGRAM).toFile().canExecute());
  }

  public static List<String> command(int port) {
    return List.of(
        PROGRAM,
        "--save",
        "",
        "--appendonly",
        "no",
        "--bind",
        Ends.HOST,
        "--port",
        String.valueOf(port));
  }
}
