package geecache.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * What web applications have left behind in a container that has undeployed them all.
 *
 * <p>A class loader that is collected proves most: whatever the JVM or the container still reaches
 * keeps it if it has to do with the application's classes, be it a thread that runs them or has
 * their loader as its context, a thread local of a thread of the container's, an MBean, a driver, a
 * shutdown hook or a listener. The rest is for what is made of the JDK's classes alone, and to name
 * the culprit.
 */
final class Remains {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Tomcat's and Jetty's loaders of web applications. */
  private static final Pattern LOADER =
      Pattern.compile("org\\.(apache\\.catalina|eclipse\\.jetty)\\..*Web[Aa]ppClassLoader");

  /** More than a container has selectors. */
  private static final int REQUESTS = 16;

  private static final Pattern DRIVER = Pattern.compile("java\\.sql\\.DriverInfo");

  /** What JGroups says now and then where two members close their connection at once. No harm. */
  private static final Pattern CLOSED_BY_BOTH =
      Pattern.compile("failed sending graceful close|failed handling message");

  private static final Pattern WARNING = Pattern.compile("\\b(WARN|WARNING|ERROR|SEVERE)\\b");

  private final Container container;
  private final Jvm jvm;
  private final Set<String> threads;
  private final Set<String> mbeans;
  private final int drivers;
  private final int written;

  /** Notes what a container has in which nothing is deployed. */
  Remains(Container container, Jvm jvm) throws IOException {
    this.container = container;
    this.jvm = jvm;
    Awaitility.await("an empty container").atMost(LIMIT).until(() -> loaders() == 0);
    this.threads = jvm.threads();
    this.mbeans = jvm.mbeans();
    this.drivers = jvm.live(DRIVER);
    this.written = container.output().length();
  }

  /**
   * Returns how many class loaders of web applications are reachable. An idle selector of Jetty's
   * keeps its last connection, ended or not, and that its last application, until the next request
   * comes; so some come first.
   */
  int loaders() throws IOException {
    Wire wire = new Wire(container.port());
    for (int i = 0; i < REQUESTS; i++) {
      wire.get("/");
    }
    return jvm.live(LOADER);
  }

  /** Threads are to have ended when an application has, and not some time later. */
  void assertNoThread() {
    Awaitility.await("the end of the threads")
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(newThreads()).isEmpty());
  }

  private Set<String> newThreads() throws IOException {
    return added(jvm.threads(), threads);
  }

  /** Collects garbage until nothing is left; fails with what is, after a while. */
  void assertNone(Path heapDump) throws IOException {
    try {
      Awaitility.await("nothing left")
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(500))
          .untilAsserted(() -> assertThat(found()).isEmpty());
    } catch (ConditionTimeoutException left) {
      jvm.dump(heapDump);
      throw new AssertionError(
          left.getMessage() + "\nWhat keeps it can be seen in " + heapDump, left);
    }
  }

  /** Collects garbage, and returns what is left, each with its kind. */
  List<String> found() throws IOException {
    List<String> found = new ArrayList<>();
    int loaders = loaders();
    if (loaders > 0) {
      found.add(loaders + " class loaders");
    }
    int moreDrivers = jvm.live(DRIVER) - drivers;
    if (moreDrivers > 0) {
      found.add(moreDrivers + " JDBC drivers");
    }
    newThreads().forEach(name -> found.add("thread " + name));
    added(jvm.mbeans(), mbeans).forEach(name -> found.add("MBean " + name));
    warnings().forEach(line -> found.add("logged: " + line));
    return found;
  }

  /** Both containers warn of some leaks, and an undeployment is nothing to be warned of. */
  private List<String> warnings() {
    return container
        .output()
        .substring(written)
        .lines()
        .filter(line -> WARNING.matcher(line).find())
        .filter(line -> !CLOSED_BY_BOTH.matcher(line).find())
        .toList();
  }

  private static Set<String> added(Set<String> now, Set<String> before) {
    Set<String> added = new TreeSet<>(now);
    added.removeAll(before);
    return added;
  }
}
