package geecache.containers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The product as one node in a Tomcat of its own, at the root, for suites outside of this package.
 * Not for use by several threads.
 */
public final class TomcatNode implements AutoCloseable {
  private static final String ROOT = "/";

  private final Tomcat tomcat;
  private Path war = Path.of("unset");

  /**
   * Prepares an empty directory.
   *
   * @param name its file name; no two under way may share it
   * @param jvmOptions separated by spaces
   */
  public TomcatNode(String name, String jvmOptions) throws IOException {
    tomcat = new Tomcat(name, "apache-tomcat-11.", jvmOptions);
  }

  /** Starts Tomcat, in which nothing is deployed yet, and returns when it answers. */
  public void start() throws IOException {
    tomcat.start();
  }

  /** Returns the port of 127.0.0.1 at which it answers, the same after a restart. */
  public int port() {
    return tomcat.port();
  }

  /**
   * Makes the application that {@link #deploy} deploys.
   *
   * @param settings context parameters in place of the product's own
   * @param listener one more than the product's
   * @param more classes that it needs, apart from the product's and the JDK's
   */
  public void make(Map<String, String> settings, Class<?> listener, Class<?>... more)
      throws IOException {
    war = new Wars(directory().resolve("wars")).with(settings, listener, more);
  }

  /** Has the application deployed, in about a second. Returns before that. */
  public void deploy() throws IOException {
    tomcat.deploy(war, ROOT);
  }

  /** Has the application undeployed, in about a second. Returns before that. */
  public void undeploy() throws IOException {
    tomcat.undeploy(ROOT);
  }

  /** Starts Tomcat once more, at the same port, with what was deployed. */
  public void restart() throws IOException {
    tomcat.restart();
  }

  /** Ends its processes at once, as a crash would. */
  public void kill() {
    tomcat.kill();
  }

  /** Returns the processes that it consists of; none after its end. */
  public List<ProcessHandle> processes() {
    return tomcat.processes();
  }

  /** Returns where everything of it is written, its logs too. */
  public Path directory() {
    return tomcat.instance();
  }

  /** Has it end in its own order, and returns when it has. */
  @Override
  public void close() {
    tomcat.close();
  }
}
