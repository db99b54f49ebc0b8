package geecache.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/** The program of {@code examples/go-peer}, built by the Go tools of this machine. */
final class GoNode implements AutoCloseable {
  private static final Path DIRECTORY = Path.of("target", "go-peer").toAbsolutePath();

  /** The Go tool, and where Debian's packages of Go libraries are. */
  private static final Path TOOL = Path.of(System.getProperty("go.binary", "/usr/bin/go"));

  private static final Path PATH = Path.of(System.getProperty("go.path", "/usr/share/gocode"));
  private static final Duration START_LIMIT = Duration.ofMinutes(1);

  private final int port;
  private final ServerProcess process;

  private GoNode(int port, ServerProcess process) {
    this.port = port;
    this.process = process;
  }

  /** Builds the program. */
  static void build() throws IOException {
    installed(TOOL);
    installed(PATH.resolve("src/github.com/golang/groupcache/http.go"));
    Files.createDirectories(DIRECTORY);
    String sources = Path.of("examples", "go-peer").toAbsolutePath().toString();
    ServerProcess.run(
        List.of(
            "env",
            "GO111MODULE=off",
            "GOFLAGS=",
            "GOPATH=" + PATH,
            "sh",
            "-c",
            "cd \"$0\" && exec \"$1\" build -o \"$2\" .",
            sources,
            TOOL.toString(),
            binary()),
        DIRECTORY,
        "build.log");
  }

  private static void installed(Path file) {
    if (!Files.exists(file)) {
      throw new IllegalStateException(
          "no "
              + file
              + ": apt-get install golang-go golang-github-golang-groupcache-dev, or set"
              + " -Dgo.binary and -Dgo.path");
    }
  }

  private static String binary() {
    return DIRECTORY.resolve("go-peer").toString();
  }

  static String urlAt(int port) {
    return "http://127.0.0.1:" + port;
  }

  /** Starts a node, and returns when it answers. */
  static GoNode start(int port, List<String> peers, String secret, String source)
      throws IOException {
    String self = urlAt(port);
    ServerProcess process =
        ServerProcess.start(
            List.of(
                "env",
                "GEECACHE_SECRET=" + secret,
                binary(),
                "-self=" + self,
                "-peers=" + String.join(",", peers),
                "-group=remote",
                "-source=" + source),
            DIRECTORY,
            "node-" + port + ".log");
    Wire wire = new Wire(port);
    Awaitility.await(self)
        .atMost(START_LIMIT)
        .until(() -> process.failed() || wire.answers("/owner?key=k"));
    if (process.failed()) {
      throw new IllegalStateException(process.describe());
    }
    return new GoNode(port, process);
  }

  String url() {
    return urlAt(port);
  }

  /** Ends it at once, as a crash would. */
  void kill() {
    process.kill();
  }

  @Override
  public void close() {
    process.close();
  }
}
