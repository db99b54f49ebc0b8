package geecache.membership;

import geecache.internal.ControlCharacters;
import geecache.internal.DaemonThreads;
import geecache.internal.PeriodicTask;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the nodes at the addresses of a name, for example of a Kubernetes headless service. The
 * name is resolved again and again, without any cache except those of the name servers.
 *
 * <p>A new address is added at once. An address that an answer lacks is removed only if the next
 * answer lacks it too. A look-up that fails changes nothing. If the name has no address, the node
 * is alone.
 *
 * <p>A node that knows its own URL is always in its own view, even if the name lacks its address.
 */
public final class DnsMembership implements Membership {
  private static final Logger log = LoggerFactory.getLogger(DnsMembership.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final long CLOSE_SECONDS = 5;

  private final DnsOptions options;
  private final Supplier<@Nullable String> self;
  private final DnsLookup lookup;
  private final ScheduledThreadPoolExecutor timer;

  /** Used by the timer's one thread, as are the two fields below. */
  private final DnsView view = new DnsView();

  private @Nullable Set<String> told;
  private @Nullable String trouble;

  /**
   * Makes a membership that looks up nothing before {@link #start}. Needs {@code dnsjava:dnsjava}.
   *
   * @param self gives the node's own base URL; null until it is known
   * @throws IllegalArgumentException if the host of the URL is not a valid name
   */
  public DnsMembership(DnsOptions options, Supplier<@Nullable String> self) {
    this(options, self, TIMEOUT);
  }

  DnsMembership(DnsOptions options, Supplier<@Nullable String> self, Duration timeout) {
    this.options = options;
    this.self = self;
    this.lookup = new DnsLookup(options.name(), options.servers(), timeout);
    timer = new ScheduledThreadPoolExecutor(1, new DaemonThreads("geecache-membership-dns-"));
  }

  @Override
  public void start(Consumer<? super Collection<String>> views) {
    long millis = options.interval().toMillis();
    timer.scheduleWithFixedDelay(
        new PeriodicTask("looking up " + options.name(), () -> lookUp(views)),
        0,
        millis,
        TimeUnit.MILLISECONDS);
  }

  /** Resolves the name once. Throws nothing: the timer would drop a task that throws. */
  void lookUp(Consumer<? super Collection<String>> views) {
    try {
      Set<String> urls = new TreeSet<>();
      view.next(lookup.addresses()).forEach(address -> urls.add(options.url(address)));
      String own = self.get();
      if (own != null) {
        urls.add(own);
      }
      if (trouble != null) {
        log.info("{} can be resolved again", options.name());
        trouble = null;
      }
      if (!urls.equals(told)) {
        log.info("the nodes of {} are {}", options.name(), urls);
        views.accept(urls);
        told = urls;
      }
    } catch (IOException | RuntimeException | Error failure) {
      warn(failure);
    }
  }

  private void warn(Throwable failure) {
    String why =
        ControlCharacters.escape(
            failure instanceof IOException ? failure.getMessage() : failure.toString());
    if (!why.equals(trouble) && !timer.isShutdown()) {
      trouble = why;
      String kept = told == null ? "no node is known" : "the list of nodes stays the same";
      log.warn("{} cannot be resolved, and {}: {}", options.name(), kept, why);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    lookup.close();
    try {
      if (!timer.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        log.warn(
            "a look-up of {} did not end within {} s: its thread goes on",
            options.name(),
            CLOSE_SECONDS);
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
  }
}
