package geecache.http;

import geecache.cluster.GoNodeLink;
import geecache.cluster.NodeLink;
import geecache.cluster.NodeLinks;
import geecache.internal.PeriodicTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Makes the ways to other nodes over HTTP, by their base URLs. */
final class HttpLinks implements NodeLinks {
  private static final long WATCH_MILLIS = 250;

  private final PeerClient client;
  private final PeerOptions options;
  private final String basePath;
  private final ScheduledExecutorService timer;

  /** Whether the timer watches the client's limits: it does from the first link on. */
  private final AtomicBoolean watching = new AtomicBoolean();

  /**
   * Makes no link yet.
   *
   * @param basePath where nodes are mapped below their base URLs, slashes included
   */
  HttpLinks(
      PeerClient client, PeerOptions options, String basePath, ScheduledExecutorService timer) {
    this.client = client;
    this.options = options;
    this.basePath = basePath;
    this.timer = timer;
  }

  @Override
  public NodeLink node(String url) {
    watchClient();
    return new HttpNodeLink(url, client, options, basePath);
  }

  @Override
  public GoNodeLink goNode(String url) {
    watchClient();
    return new HttpGoLink(url, client, options);
  }

  private void watchClient() {
    if (watching.compareAndSet(false, true)) {
      try {
        timer.scheduleWithFixedDelay(
            new PeriodicTask("watching requests to peers", client::watch),
            WATCH_MILLIS,
            WATCH_MILLIS,
            TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException closed) {
        // Nothing is asked any more.
      }
    }
  }
}
