package geecache.bench.nodes;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The class path, for what a benchmark says of its versions. */
public final class Jars {
  private Jars() {}

  /** The names of these jars without their endings. */
  public static String versions(String... prefixes) {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).getFileName().toString().replaceFirst("\\.jar$", ""))
        .filter(jar -> Arrays.stream(prefixes).anyMatch(jar::startsWith))
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
