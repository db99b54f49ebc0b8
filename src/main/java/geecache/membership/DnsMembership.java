package geecache.membership;

import geecache.internal.ControlCharacters;
import geecache.internal.DaemonThreads;
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
 * The nodes are at the addresses of a name, such as that of a Kubernetes headless service. It is
 * resolved again and again, past all caches but those of the name servers.
 *
 * <p>An address that is new is believed at once; one that is gone, when it is gone from the next
 * answer too. A look-up that fails changes nothing. If the name has no address, the node is alone.
 *
 * <p>A node that knows its own URL is in its own views, whether the name has it or not.
 */
public final class DnsMembership implements Membership {
  private static final Logger log = LoggerFactory.getLogger(DnsMembership.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final long CLOSE_SECONDS = 5;

  private final DnsOptions options;
  private final Supplier<@Nullable String> self;
  private final DnsLookup lookup;
  private final ScheduledThreadPoolExecutor timer;

  /** The three below are used by the timer's one thread. */
  private final DnsView view = new DnsView();

  private @Nullable Set<String> told;
  private @Nullable String trouble;

  /**
   * Looks up nothing yet. Needs {@code dnsjava:dnsjava}.
   *
   * @param self the node's own base URL as far as it is known; null until then
   * @throws IllegalArgumentException if the name is none
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
    timer.scheduleWithFixedDelay(() -> look(views), 0, millis, TimeUnit.MILLISECONDS);
  }

  /** Looks once. Whatever goes wrong: a task that throws is never run again. */
  void look(Consumer<? super Collection<String>> views) {
    try {
      Set<String> urls = new TreeSet<>();
      view.next(lookup.addresses()).forEach(address -> urls.add(options.url(address)));
      String own = self.get();
      if (own != null) {
        urls.add(own);
      }
      if (trouble != null) {
        log.info("{} is resolved again", options.name());
        trouble = null;
      }
      if (!urls.equals(told)) {
        log.info("the nodes of {} are {}", options.name(), urls);
        views.accept(urls);
        told = urls;
      }
    } catch (IOException | RuntimeException | Error failure) {
      complain(failure);
    }
  }

  private void complain(Throwable failure) {
    String why =
        ControlCharacters.escape(
            failure instanceof IOException ? failure.getMessage() : failure.toString());
    if (!why.equals(trouble) && !timer.isShutdown()) {
      trouble = why;
      String kept = told == null ? "no node is known" : "the nodes stay those that they were";
      log.warn("{} cannot be resolved, and {}: {}", options.name(), kept, why);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    lookup.close();
    try {
      if (!timer.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        log.warn("a look-up of {} keeps its thread beyond the end of the node", options.name());
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
  }
}
