package geecache.containers;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import geecache.Callers;
import geecache.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A servlet container: its real distribution, run as a process of its own on a free port of
 * 127.0.0.1, with all that it writes in one directory under {@code target}. Not for use by several
 * threads.
 */
abstract class Container implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(3);
  private static final int ATTEMPTS = 5;
  private static final Path DISTRIBUTIONS = Path.of("target", "it", "containers");

  private final Path home;
  private final Path instance;
  private @Nullable ServerProcess process;
  private int[] ports = {};
  private int starts;

  /**
   * Prepares an empty directory.
   *
   * @param name its file name; no two containers under way may share it
   * @param distribution how the name of the distribution begins, up to the version
   */
  Container(String name, String distribution) throws IOException {
    this.home = home(distribution);
    this.instance = Path.of("target", "container-instances", name).toAbsolutePath();
    Trees.delete(instance);
    Files.createDirectories(instance.resolve("tmp"));
  }

  private static Path home(String distribution) throws IOException {
    try (Stream<Path> unpacked = Files.list(DISTRIBUTIONS)) {
      List<Path> found =
          unpacked.filter(path -> path.getFileName().toString().startsWith(distribution)).toList();
      if (found.size() != 1) {
        throw new IllegalStateException(
            "not one "
                + distribution
                + "* in "
                + DISTRIBUTIONS
                + ", but "
                + found
                + "; mvn verify unpacks the light ones, mvn verify -Pcontainers all, and mvn clean"
                + " removes those of other versions");
      }
      return found.get(0).toAbsolutePath();
    }
  }

  /** How many ports it takes; the first is for HTTP. */
  abstract int portCount();

  /** Writes its configuration for these ports, and returns the command that starts it. */
  abstract List<String> configure(int[] ports) throws IOException;

  /**
   * Has {@code war} served under {@code contextPath}, at once or from the start on. Returns before
   * it is.
   *
   * @param contextPath starts with a slash; {@code /} for the root
   */
  abstract void deploy(Path war, String contextPath) throws IOException;

  /** Has the container end what is served under {@code contextPath}. Returns before it has. */
  abstract void undeploy(String contextPath) throws IOException;

  /**
   * Starts it, and returns when it answers. Whether what answers is this container is known by a
   * page of a name that no other has; a port that was taken in the meantime is replaced.
   */
  final void start() throws IOException {
    String mark = deployMark();
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      ports = FreePorts.of(portCount());
      if (startHere(mark)) {
        return;
      }
    }
    throw new IllegalStateException("no free port in " + ATTEMPTS + " attempts: " + instance);
  }

  /** Starts all of them at once, and returns when each answers. */
  static void startAll(List<? extends Container> containers) {
    try (Callers callers = new Callers()) {
      List<CompletableFuture<?>> starts = new ArrayList<>();
      for (Container container : containers) {
        starts.add(
            callers.call(
                () -> {
                  container.start();
                  return null;
                }));
      }
      starts.forEach(CompletableFuture::join);
    }
  }

  /** Starts it once more at the same ports with what is deployed; returns when it answers. */
  final void restart() throws IOException {
    if (!startHere(deployMark())) {
      throw new IllegalStateException("somebody took a port of " + instance);
    }
  }

  private String deployMark() throws IOException {
    String mark = "/up-" + UUID.randomUUID();
    deploy(new Wars(instance.resolve("wars")).page(), mark);
    return mark;
  }

  private boolean startHere(String mark) throws IOException {
    starts++;
    process = ServerProcess.start(configure(ports), instance, "server-" + starts + ".log");
    if (answers(process, mark + "/")) {
      undeploy(mark);
      return true;
    }
    close();
    return false;
  }

  /** Returns false where a port was taken by somebody else. */
  private boolean answers(ServerProcess process, String path) {
    Wire wire = new Wire(port());
    try {
      Awaitility.await("an answer from " + instance.getFileName())
          .atMost(START_LIMIT)
          .pollInterval(100, MILLISECONDS)
          .until(() -> process.failed() || wire.answers(path));
    } catch (RuntimeException | Error timeout) {
      throw new IllegalStateException(process.describe(), timeout);
    }
    if (process.lacksPort()) {
      return false;
    }
    if (process.failed()) {
      throw new IllegalStateException(process.describe());
    }
    return true;
  }

  /** Returns the port on which it answers HTTP. */
  final int port() {
    return ports[0];
  }

  /** Returns the processes that it consists of; none before the start and after the end. */
  final List<ProcessHandle> processes() {
    return process == null ? List.of() : process.handles();
  }

  /** Writes a line to its standard input. */
  final void tell(String line) throws IOException {
    running().tell(line);
  }

  /** Returns what it has written to its standard output and error since its start. */
  final String output() {
    return running().output();
  }

  private ServerProcess running() {
    if (process == null) {
      throw new IllegalStateException("not running: " + instance);
    }
    return process;
  }

  /** The root of the unpacked distribution, which stays as it is. */
  final Path home() {
    return home;
  }

  /** Where everything of this one is written; has an empty directory {@code tmp}. */
  final Path instance() {
    return instance;
  }

  /** Ends its processes at once, as a crash would. */
  final void kill() {
    running().kill();
    process = null;
  }

  /** Ends its processes, and returns when they have ended. Closing twice does nothing. */
  @Override
  public void close() {
    if (process != null) {
      process.close();
      process = null;
    }
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }
}
