package geecache.cluster;

import geecache.LocalNode;
import geecache.Stamp;
import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes contact with other nodes, and makes it again when it was lost: finds out which changes a
 * node misses, tells them, and tries until the node answers. Also nodes in contact are met from
 * time to time: a node may miss the changes of a third one that has ended. Meets each node on one
 * thread at a time.
 */
final class ContactMaker implements NodePeer.Meeter {
  private static final Logger log = LoggerFactory.getLogger(ContactMaker.class);

  private static final long RETRY_MILLIS = 1_000;

  /** How long a node in contact is left alone. */
  private static final long EXCHANGE_MILLIS = 10_000;

  /** How long a node has to refuse before that is told: longer than its restart in between. */
  private static final Duration REFUSALS = Duration.ofSeconds(2);

  private static final int MOST_SHOWN = 10;

  private final long self;
  private final ClusterOptions options;
  private final ClusterRuntime runtime;
  private final HybridClock clock;
  private final ChangeLog changes;
  private final ViewHolder views;
  private final Set<KnownNode> underWay = ConcurrentHashMap.newKeySet();

  /** The nodes at whose URLs something answers, and that could not be met. */
  private final Set<KnownNode> answering = ConcurrentHashMap.newKeySet();

  private final Troubles troubles;
  private final LocalNode local;

  /**
   * When this node began to meet others; null before, and once it was in contact with one. A stale
   * read leaves the node unready for a moment.
   */
  private volatile @Nullable Long waitsSince;

  /**
   * Makes a contact maker that has met no node.
   *
   * @param local has the groups of this node
   * @param self the id of this node
   * @param views holds the name of this node, and learns from meetings
   */
  ContactMaker(
      LocalNode local,
      long self,
      ClusterOptions options,
      ClusterRuntime runtime,
      HybridClock clock,
      ChangeLog changes,
      ViewHolder views,
      Troubles troubles) {
    this.local = local;
    this.troubles = troubles;
    this.self = self;
    this.options = options;
    this.runtime = runtime;
    this.clock = clock;
    this.changes = changes;
    this.views = views;
  }

  /**
   * Meets the node as soon as there is a thread, or after a pause if contact was made only just
   * now: it would be lost again where two nodes answer at one URL in turns.
   */
  @Override
  public void meet(KnownNode node) {
    long pause = TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS);
    meetIn(node, node.hasJustBeenMet(runtime.ticker().nanos(), pause) ? RETRY_MILLIS : 0);
  }

  @Override
  public void meetSoon(KnownNode node) {
    meetIn(node, RETRY_MILLIS);
  }

  private void meetIn(KnownNode node, long millis) {
    if (underWay.add(node)) {
      schedule(node, millis);
    }
  }

  private void schedule(KnownNode node, long millis) {
    try {
      runtime.timer().schedule(() -> start(node), jittered(millis), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      underWay.remove(node);
    }
  }

  private long jittered(long millis) {
    return millis + runtime.random().nextLong(millis / 5 + 1);
  }

  /** Begins to meet all nodes from time to time, even if there is contact. */
  void exchangeFromNowOn() {
    waitsSince = runtime.ticker().nanos();
    exchangeLater();
  }

  private void exchangeLater() {
    try {
      runtime.timer().schedule(this::exchange, jittered(EXCHANGE_MILLIS), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      log.debug("the node is closed");
    }
  }

  /** Meets all nodes until the next exchange, one after the other. Runs on the timer. */
  private void exchange() {
    try {
      views.forgetRefusals();
      List<KnownNode> nodes = views.get().nodes().stream().filter(node -> !node.isOld()).toList();
      for (int i = 0; i < nodes.size(); i++) {
        KnownNode node = nodes.get(i);
        long delay = EXCHANGE_MILLIS * i / nodes.size();
        runtime.timer().schedule(() -> meet(node), delay, TimeUnit.MILLISECONDS);
      }
    } catch (RejectedExecutionException closed) {
      log.debug("the node is closed");
    } catch (RuntimeException | Error failure) {
      log.warn("cannot begin to meet all nodes, and tries again", failure);
    } finally {
      exchangeLater();
    }
  }

  /** Throws nothing: it runs on the timer. */
  private void start(KnownNode node) {
    try {
      runtime.executor().execute(() -> run(node));
    } catch (RejectedExecutionException closed) {
      underWay.remove(node);
    } catch (OutOfMemoryError noThread) {
      schedule(node, RETRY_MILLIS);
    }
  }

  private void run(KnownNode node) {
    boolean wanted = node.isInView();
    try {
      Standing said = views.standing();
      int groups = local.groupCount();
      boolean over = attempt(node, said);
      end(node, () -> !over || isOutdated(said, groups), 0);
    } catch (IOException | RuntimeException | Error failure) {
      noteAnswer(node, failure);
      node.noteFailure(failure);
      if (node.noteNotMet()) {
        loseUnmet(node, failure);
      }
      if (wanted) {
        note(node, failure);
      }
      end(node, () -> true, RETRY_MILLIS);
    }
  }

  /** Whether this node has a later standing than it said, or more groups. */
  private boolean isOutdated(Standing said, int groups) {
    return said.number() != views.standing().number() || groups != local.groupCount();
  }

  /**
   * Loses contact with a node that answers reads, and cannot be told what it misses: reads name a
   * removal for a minute only, and count on a meeting within that time.
   */
  private void loseUnmet(KnownNode node, Throwable failure) {
    if (node.lose(LinkFailure.noContact(node.url()))) {
      log.info(
          "lost contact with {}: {} meetings in a row failed, the last: {}",
          shown(node),
          KnownNode.FAILURES_TO_GIVE_UP,
          ControlCharacters.escape(String.valueOf(failure.getMessage())));
    }
  }

  /**
   * Ends a meeting. A node that is not in the view is not met again. Interleaving: the meeting has
   * told all that there was; a group is registered, and the node is not met for it, since it is
   * being met; the meeting ends. So {@code again} is asked after that.
   */
  private void end(KnownNode node, BooleanSupplier again, long millis) {
    underWay.remove(node);
    if (!node.isInView()) {
      troubles.forget(node.url());
      answering.remove(node);
    } else if (!node.isSelf() && (again.getAsBoolean() || !node.contact().isMade())) {
      meetIn(node, millis); // Contact may have been lost when no other thread could begin.
    }
  }

  private void noteAnswer(KnownNode node, Throwable failure) {
    if (failure instanceof LinkFailure) {
      answering.add(node);
    } else {
      answering.remove(node);
    }
  }

  /** Warns once the trouble has lasted: nodes that start are silent for a while. */
  private void note(KnownNode node, Throwable failure) {
    if (node.contact().isMade()) {
      return;
    }
    boolean refuses = failure instanceof LinkFailure known && known.isRefusal();
    Duration patience = node.isClosed() ? Troubles.AGAIN : refuses ? REFUSALS : Troubles.TRANSITION;
    long now = runtime.ticker().nanos();
    String trouble =
        failure instanceof LinkFailure
            ? String.valueOf(failure.getMessage())
            : "it does not answer; does it run, and is this its URL? (" + failure + ")";
    Optional<Duration> lasted = troubles.note(Troubles.Kind.NO_CONTACT, node.url(), patience, now);
    if (lasted.isPresent()) {
      log.warn(
          "no contact with {} for {} s: {}",
          shown(node),
          lasted.get().toSeconds(),
          ControlCharacters.escape(trouble));
    } else {
      log.debug("no contact with {}: {}", shown(node), ControlCharacters.escape(trouble));
    }
    noteAlone(now);
  }

  private void noteAlone(long now) {
    Collection<ClusterPeer> peers = views.get().peers();
    if (peers.stream().anyMatch(ClusterPeer::isUsable)) {
      return;
    }
    Optional<Duration> lasted = troubles.note(Troubles.Kind.ALONE, "", Troubles.TRANSITION, now);
    if (lasted.isPresent()) {
      log.warn(
          "no contact with any of the {} other nodes for {} s: this node loads all keys itself, and"
              + " its changes reach none of them",
          peers.size(),
          lasted.get().toSeconds());
    }
  }

  /**
   * Whether a node that has just got peers is soon in contact with one of them: none was met yet,
   * and one is being met for the first time, or something answers at its URL. A node that nothing
   * answers may be the first one to start.
   */
  boolean isFirstContactNear() {
    Long since = waitsSince;
    if (since == null || runtime.ticker().nanos() - since >= Troubles.AGAIN.toNanos()) {
      return false;
    }
    return views.get().peers().stream().noneMatch(ClusterPeer::isUsable)
        && views.get().nodes().stream()
            .anyMatch(node -> !node.metOrNot().isDone() || answering.contains(node));
  }

  /** Warns if the node has had other nodes in its list, or other groups, for a while. */
  private void compare(KnownNode node, Acknowledgement answer) {
    if (answer.standing().leaving() || answer.standing().closed()) {
      return;
    }
    boolean told = !answer.members().isEmpty(); // Without a secret, nodes are told nothing.
    compare(
        Troubles.Kind.OTHER_LIST,
        "{} has had another list of nodes than this node for {} s: only there {}, only here {};"
            + " geecache.peers must be the same on all nodes",
        node,
        answer.members(),
        told ? views.get().urls() : List.of());
    List<String> groups = GroupVersion.allOf(local);
    boolean known = !answer.groups().isEmpty() && !groups.isEmpty(); // Else one is starting.
    compare(
        Troubles.Kind.OTHER_GROUPS,
        "{} has had other groups than this node for {} s: only there {}, only here {}; only the"
            + " nodes that have such a group, and with the same version, share its values. Do the"
            + " names differ, or the versions of the application?",
        node,
        known ? answer.groups() : List.of(),
        known ? groups : List.of());
  }

  private void compare(
      Troubles.Kind kind,
      String message,
      KnownNode node,
      Collection<String> there,
      Collection<String> here) {
    Set<String> onlyThere = new TreeSet<>(there);
    onlyThere.removeAll(Set.copyOf(here));
    Set<String> onlyHere = new TreeSet<>(here);
    onlyHere.removeAll(Set.copyOf(there));
    if (onlyThere.isEmpty() && onlyHere.isEmpty()) {
      troubles.end(kind, node.url());
      return;
    }
    Optional<Duration> lasted =
        troubles.note(kind, node.url(), Troubles.TRANSITION, runtime.ticker().nanos());
    if (lasted.isPresent()) {
      log.warn(message, shown(node), lasted.get().toSeconds(), some(onlyThere), some(onlyHere));
    }
  }

  /** Returns the first few texts, for the log: another node has said them. */
  private static String some(Set<String> texts) {
    List<String> first = texts.stream().limit(MOST_SHOWN).map(ControlCharacters::escape).toList();
    return texts.size() <= MOST_SHOWN ? first.toString() : first + " and more";
  }

  /**
   * Meets the node once. Returns whether the work is done: contact was made, or the node is this
   * one.
   */
  private boolean attempt(KnownNode node, Standing said) throws IOException {
    long losses = node.contact().losses();
    boolean was = node.contact().isMade();
    NodeLink.Met met = node.link().meet(meeting(said), limit());
    if (met.node() == self) {
      noteSelf(node);
      return true;
    }
    Acknowledgement answer = met.acknowledgement();
    if (!clock.observe(answer.clock(), node.url())) {
      throw LinkFailure.refused("its clock is more than a minute ahead of this node's");
    }
    if (was && !node.contact().isWith(met.node())) {
      return false; // Contact is lost: the node is met as it is now.
    }
    tellMissing(node, met, was);
    // Before it may be back on the ring, and before there is contact: from then on it is asked.
    views.noteGroups(
        node, met.node(), answer.known() == null, answer.groupCount(), answer.groups());
    views.note(node, met.node(), answer.standing());
    if (answer.standing().closed()) {
      LinkFailure closed = LinkFailure.refused(node.url() + " is closed");
      node.lose(closed);
      throw closed; // It still answers, and is told no changes any more.
    }
    if (!was && !node.contact().met(losses, met.node())) {
      return false;
    }
    node.noteMet(answer.known() == null, answer.leases());
    node.sender().sendRest();
    troubles.end(Troubles.Kind.NO_CONTACT, node.url());
    troubles.end(Troubles.Kind.ALONE, "");
    answering.remove(node);
    waitsSince = null;
    compare(node, answer);
    if (!was) {
      node.noteContact(runtime.ticker().nanos());
      log.info("in contact with {}", shown(node));
    }
    return true;
  }

  /** Without a secret nothing is told, since a stranger may answer. */
  private Meeting meeting(Standing standing) {
    String url = views.get().self();
    return options.changesAllowed()
        ? Meeting.of(url, standing, clock.now(), GroupVersion.allOf(local))
        : Meeting.of(url, standing, clock.now());
  }

  /** Tells all nodes in contact the groups of this node: it has one more. */
  void tellGroups() {
    if (options.changesAllowed()) {
      views.get().nodes().stream()
          .filter(node -> node.contact().isMade())
          .forEach(node -> meetIn(node, 0));
    }
  }

  @Override
  public void noteRefusal(KnownNode node, long by, GroupVersion group) {
    views.noteRefusal(node, by, group);
  }

  private void noteSelf(KnownNode node) {
    boolean news = node.markSelf(); // First, so that no change is told to it, or names it.
    node.noteNotMet();
    views.recognize(node.url());
    if (news && node.isInView()) {
      log.warn(
          "{} is this node itself, which knows itself by another URL: all nodes have to name it"
              + " by one, and geecache.self, if it is set, has to be that",
          shown(node));
    }
  }

  /**
   * Tells the node what it misses as the meeting begins. Its sender goes on from there. What other
   * nodes tell this one meanwhile, they tell that node too.
   *
   * @param inContact whether the sender tells this node's own changes
   */
  private void tellMissing(KnownNode node, NodeLink.Met met, boolean inContact) throws IOException {
    VersionVector known = node.known(met.node(), met.acknowledgement().known());
    Map<Removal.Id, Stamp> stayed = new HashMap<>();
    boolean more = options.changesAllowed(); // Without a secret nothing was changed anywhere.
    while (more) {
      ChangeLog.Missing missing =
          changes.missing(known, Changes.MOST_REMOVALS, inContact ? self : 0);
      if (missing.isNothing()) {
        break;
      }
      more = missing.removed().size() == Changes.MOST_REMOVALS;
      ChangesResult told = node.link().change(message(met.node(), missing), limit());
      if (told.node() != met.node() || !clock.observe(told.clock(), node.url())) {
        throw LinkFailure.refused("another node answers there");
      }
      VersionVector next = known.with(told.known());
      if (next.upTo().equals(known.upTo())) {
        throw LinkFailure.refused("it does not carry out changes");
      }
      known = next;
      stayed.putAll(told.stayed());
    }
    node.noteKnown(met.node(), known);
    if (!inContact) {
      node.sender().begin(known.of(self), stayed);
    }
  }

  private Changes message(long to, ChangeLog.Missing missing) {
    return new Changes(to, clock.now(), List.of(), missing.baseline(), missing.removed());
  }

  private Duration limit() {
    return options.timeout().multipliedBy(10);
  }

  private static String shown(KnownNode node) {
    return ControlCharacters.escape(node.url());
  }
}
