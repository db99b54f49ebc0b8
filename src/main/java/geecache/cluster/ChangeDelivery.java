package geecache.cluster;

import geecache.NotReachedException.Reason;
import geecache.Stamp;
import geecache.internal.ControlCharacters;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers this node's changes to all nodes, by one rule. Nodes have to be told if they were in the
 * view when the change was called or are in it when the change ends, if they left it within the
 * last minute without a word, or if other nodes name them when they acknowledge. Each of them has
 * acknowledged the change when it ends, or the caller gets its name. A node out of contact is named
 * at once; it is told when it is met again, before it is asked for anything. Go nodes know no
 * changes, so their names are always among them.
 *
 * <p>No call blocks. Safe for use by many threads.
 */
final class ChangeDelivery {
  private static final Logger log = LoggerFactory.getLogger(ChangeDelivery.class);

  private final ClusterOptions options;
  private final ClusterRuntime runtime;
  private final ViewHolder views;
  private final NodePeer.Meeter meeter;

  ChangeDelivery(
      ClusterOptions options, ClusterRuntime runtime, ViewHolder views, NodePeer.Meeter meeter) {
    this.options = options;
    this.runtime = runtime;
    this.views = views;
    this.meeter = meeter;
  }

  /** One call: which nodes have to be told, until when, and which of them did not acknowledge. */
  final class Call {
    private final List<KnownNode> toTell = views.toTell();
    private final long end = runtime.ticker().nanos() + longest().toNanos();
    private final Map<String, Reason> missed = new LinkedHashMap<>();

    /**
     * Returns the names of the nodes that did not do their part so far, and why. One that was not
     * reached may have met the next life of a node that said goodbye to this one: that is named
     * too. Go nodes meet nobody.
     */
    Map<String, Reason> missed() {
      boolean silent =
          missed.entrySet().stream()
              .anyMatch(
                  node ->
                      node.getValue() == Reason.NOT_REACHED
                          && !options.goNodes().contains(node.getKey()));
      if (silent) {
        views.closed().forEach(url -> miss(url, Reason.NOT_REACHED));
      }
      return missed;
    }

    /** Notes that a node did not do its part. One that is out of reach may lack all of it. */
    void miss(String url, Reason why) {
      missed.merge(url, why, (before, now) -> now == Reason.NOT_REACHED ? now : before);
    }

    /** Notes that a node did not acknowledge. */
    void miss(KnownNode node) {
      miss(node.url(), node.refusesChanges() ? Reason.REFUSED : Reason.NOT_REACHED);
    }

    /**
     * Tells all nodes these removals of this node.
     *
     * @return done when each of them has acknowledged or is {@link #missed}, with the latest stamp
     *     of a value that the removals left alone; null if there is none
     */
    CompletableFuture<@Nullable Stamp> tell(long first, long last) {
      views.get().goNodes().forEach(url -> miss(url, Reason.NOT_REACHED));
      return new Telling(this, first, last).tell(toTell);
    }

    /**
     * Asks a node for something, once it was met or not if it has just come, or only others know
     * it. Fails when the time of the call is over.
     */
    <T> CompletableFuture<T> ask(KnownNode node, Supplier<CompletableFuture<T>> ask) {
      return limit(onceMet(node, ask));
    }

    /** Returns a future that fails when the time of the call is over. */
    CompletableFuture<Void> over() {
      return limit(new CompletableFuture<>());
    }

    /** Fails {@code answer} when the time of the call is over. */
    private <T> CompletableFuture<T> limit(CompletableFuture<T> answer) {
      long left = end - runtime.ticker().nanos();
      if (answer.isDone() || left <= 0) {
        giveUp(answer);
        return answer;
      }
      try {
        Future<?> timer =
            runtime.timer().schedule(() -> giveUp(answer), left, TimeUnit.NANOSECONDS);
        answer.whenComplete((value, failure) -> timer.cancel(false));
      } catch (RejectedExecutionException closed) {
        answer.completeExceptionally(LinkFailure.silent("the node is closed", closed));
      }
      return answer;
    }
  }

  /** Begins a call. Its time runs from now on. */
  Call begin() {
    return new Call();
  }

  private Duration longest() {
    return longest(options);
  }

  /** Returns how long a call may take that tells all nodes of a change. */
  static Duration longest(ClusterOptions options) {
    return options.timeout().multipliedBy(10);
  }

  private void giveUp(CompletableFuture<?> answer) {
    answer.completeExceptionally(
        LinkFailure.silent("no answer within " + longest().toMillis() + " ms", null));
  }

  private <T> CompletableFuture<T> onceMet(KnownNode node, Supplier<CompletableFuture<T>> ask) {
    if (node.contact().isMade() || node.metOrNot().isDone()) {
      return ask.get();
    }
    meeter.meet(node);
    return node.metOrNot().thenCompose(met -> ask.get());
  }

  /**
   * Notes that a node did not acknowledge: it must be met before it is asked for anything. If there
   * was no contact, a meeting may be under way, and is not to begin anew with each change: what it
   * does not tell is told right after it.
   */
  void lose(KnownNode node, Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    LinkFailure why = LinkFailure.of(node.url(), cause);
    if (!why.isNoContact()) {
      node.noteFailure(why);
    }
    if (!why.isNoContact() && node.lose(why)) {
      log.info(
          "lost contact with {}, which did not acknowledge a change: {}",
          ControlCharacters.escape(node.url()),
          ControlCharacters.escape(String.valueOf(why.getMessage())));
    }
    if (node.isInView()) {
      meeter.meet(node);
    }
  }

  /** Tells all nodes some removals of this node. */
  private final class Telling {
    private final Call call;
    private final long first;
    private final long last;
    private final Set<String> asked = new LinkedHashSet<>();
    private final Set<String> named = new LinkedHashSet<>();
    private @Nullable Stamp stayed;

    Telling(Call call, long first, long last) {
      this.call = call;
      this.first = first;
      this.last = last;
    }

    CompletableFuture<@Nullable Stamp> tell(Collection<KnownNode> some) {
      Map<KnownNode, CompletableFuture<ChangeSender.Told>> answers = new LinkedHashMap<>();
      for (KnownNode node : some) {
        if (!node.isSelf() && asked.add(node.url())) {
          answers.put(node, call.ask(node, () -> node.sender().tell(first, last)));
        }
      }
      return CompletableFuture.allOf(answers.values().toArray(CompletableFuture[]::new))
          .handle((none, failure) -> null)
          .thenCompose(
              none -> {
                answers.forEach(this::note);
                List<KnownNode> rest = rest();
                return rest.isEmpty() ? CompletableFuture.completedFuture(stayed) : tell(rest);
              });
    }

    private void note(KnownNode node, CompletableFuture<ChangeSender.Told> answer) {
      try {
        ChangeSender.Told told = answer.join();
        named.addAll(told.members());
        if (told.stayed() != null && told.stayed().isAfter(stayed)) {
          stayed = told.stayed();
        }
      } catch (CompletionException failure) {
        if (!node.isSelf()) {
          lose(node, failure);
          call.miss(node);
        }
      }
    }

    private List<KnownNode> rest() {
      ClusterView view = views.get();
      Set<KnownNode> rest = new LinkedHashSet<>(views.toTell());
      for (String url : named) {
        if (!url.equals(view.self()) && !options.goNodes().contains(url)) {
          rest.add(views.node(url));
        }
      }
      rest.removeIf(node -> asked.contains(node.url()) || node.isSelf());
      return List.copyOf(rest);
    }
  }
}
