package geecache.containers;

import geecache.testing.FaultyPeer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * The product in a Tomcat of its own, in several applications behind one front that misbehaves when
 * told to, for suites outside of this package. Not for use by several threads.
 */
public final class ProductSites implements AutoCloseable {
  /** The product as built, at the root. */
  public static final String ROOT = "";

  /** The same under a context path. */
  public static final String SHOP = "/shop";

  /** The same, with its example switched off. */
  public static final String PLAIN = "/plain";

  /** The same, with a secret. */
  public static final String GUARDED = "/guarded";

  /** The secret of {@link #GUARDED}. */
  public static final String SECRET = Site.SECRET;

  /** The product with the groups of {@code LibraryListener} in place of its example. */
  public static final String GROUPS = "/groups";

  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  private final Tomcat tomcat;
  private @Nullable FaultyPeer front;

  /**
   * Prepares an empty directory.
   *
   * @param name its file name; no two under way may share it
   */
  public ProductSites(String name) throws IOException {
    tomcat =
        new Tomcat(
            name,
            "apache-tomcat-11.",
            "-Dgeecache.plain.demo=false -Dgeecache.guarded.secret=" + Site.SECRET);
  }

  /** Starts Tomcat, and returns when all applications answer. */
  public void start() throws IOException {
    tomcat.start();
    Wars wars = new Wars(tomcat.instance().resolve("wars"));
    tomcat.deploy(Wars.product(), Site.ROOT.contextPath());
    for (String contextPath : List.of(SHOP, PLAIN, GUARDED)) {
      tomcat.deploy(Wars.product(), contextPath);
    }
    tomcat.deploy(wars.member(Map.of("geecache.dashboard", "true")), GROUPS);
    Wire wire = new Wire(tomcat.port());
    Stream.of(ROOT, SHOP, PLAIN, GUARDED, GROUPS)
        .map(contextPath -> contextPath + "/health/ready")
        .forEach(
            path ->
                Awaitility.await("200 from " + path)
                    .atMost(START_LIMIT)
                    .until(() -> wire.answers(path)));
    front = FaultyPeer.inFrontOf("http://127.0.0.1:" + tomcat.port());
  }

  /** Returns what all requests come through; it passes them until told otherwise. */
  public FaultyPeer front() {
    if (front == null) {
      throw new IllegalStateException("not started");
    }
    return front;
  }

  /** Returns scheme, host and port of the front. */
  public String origin() {
    return front().url();
  }

  /** Has it end in its own order, and returns when it has. */
  @Override
  public void close() {
    if (front != null) {
      front.close();
    }
    tomcat.close();
  }
}
