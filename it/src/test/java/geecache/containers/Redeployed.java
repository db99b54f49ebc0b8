package geecache.containers;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/**
 * A container in which applications come and go, and what they have left in it. Not for use by
 * several threads.
 */
record Redeployed(Container container, Jvm jvm, Client client, Wire wire, Remains remains)
    implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** Starts a container in which nothing is deployed. */
  static Redeployed start(Container container) throws IOException {
    container.start();
    Jvm jvm = Jvm.of(container);
    int port = container.port();
    return new Redeployed(
        container, jvm, new Client(port), new Wire(port), new Remains(container, jvm));
  }

  Wars wars() throws IOException {
    return new Wars(container.instance().resolve("wars"));
  }

  void deploy(Path war, String contextPath) throws IOException {
    container.deploy(war, contextPath);
  }

  void awaitAnswer(String target) {
    Awaitility.await("200 from " + target).atMost(LIMIT).until(() -> wire.answers(target));
  }

  /** Returns when the container has ended the application. */
  void undeploy(String contextPath) throws IOException {
    container.undeploy(contextPath);
    Awaitility.await("the end of " + contextPath)
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(() -> isNotFound(contextPath + "/_geecache/scores/Tom"));
  }

  private boolean isNotFound(String target) throws IOException {
    Answer answer = wire.get(target);
    return !answer.isOurs() && answer.code() == 404;
  }

  /**
   * Kept connections end before, and one more application comes and goes: a container may keep the
   * last application of a connection, and the JVM that on whose call a thread was made. Tomcat
   * makes threads when parked requests end with their application, and renews them with the next.
   */
  void assertNothingRemains() throws IOException {
    client.close();
    deploy(wars().page(), "/last");
    awaitAnswer("/last/");
    container.undeploy("/last");
    Awaitility.await("the end of /last").atMost(LIMIT).until(() -> !wire.answers("/last/"));
    remains.assertNone(container.instance().resolve("remains.hprof"));
  }

  @Override
  public void close() throws IOException {
    client.close();
    jvm.close();
    container.close();
  }
}
