package geecache.cluster;

import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes contact with peers, and makes it again when it was lost: tells each peer the removals that
 * it missed, and tries until the peer answers. Meets each peer on one thread at a time.
 */
final class ContactMaker implements NodePeer.Meeter {
  private static final Logger log = LoggerFactory.getLogger(ContactMaker.class);

  private static final long RETRY_MILLIS = 1_000;

  private final long self;
  private final ClusterOptions options;
  private final ClusterRuntime runtime;
  private final RemovalLog removals;
  private final ViewHolder views;
  private final Set<NodePeer> underWay = ConcurrentHashMap.newKeySet();

  /** Peers that turned out to be this node under a second name. */
  private final Set<NodePeer> selves = ConcurrentHashMap.newKeySet();

  /** The last failure with each peer, so that it is logged once. */
  private final ConcurrentHashMap<NodePeer, String> troubles = new ConcurrentHashMap<>();

  /**
   * Makes a contact maker that has met no peer.
   *
   * @param self the id of this node
   * @param views holds the name of this node, and learns from meetings
   */
  ContactMaker(
      long self,
      ClusterOptions options,
      ClusterRuntime runtime,
      RemovalLog removals,
      ViewHolder views) {
    this.self = self;
    this.options = options;
    this.runtime = runtime;
    this.removals = removals;
    this.views = views;
  }

  @Override
  public void meet(NodePeer peer) {
    meetIn(peer, 0);
  }

  @Override
  public void meetSoon(NodePeer peer) {
    meetIn(peer, RETRY_MILLIS);
  }

  private void meetIn(NodePeer peer, long millis) {
    if (underWay.add(peer)) {
      schedule(peer, millis);
    }
  }

  private void schedule(NodePeer peer, long millis) {
    try {
      long jittered = millis + runtime.random().nextLong(millis / 5 + 1);
      runtime.timer().schedule(() -> start(peer), jittered, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      underWay.remove(peer);
    }
  }

  /** Throws nothing: it runs on the timer. */
  private void start(NodePeer peer) {
    try {
      runtime.executor().execute(() -> run(peer));
    } catch (RejectedExecutionException closed) {
      underWay.remove(peer);
    } catch (OutOfMemoryError noThread) {
      schedule(peer, RETRY_MILLIS);
    }
  }

  private void run(NodePeer peer) {
    if (peer.isRetired()) {
      underWay.remove(peer);
      troubles.remove(peer);
      selves.remove(peer);
      NodePeer returned = views.get().peer(peer.url());
      // The retired peer and the returned one share a contact, which may be lost.
      if (returned != null && returned != peer && !returned.contact().isMade()) {
        meet(returned);
      }
      return;
    }
    try {
      Standing said = views.standing();
      if (attempt(peer, said)) {
        underWay.remove(peer);
        boolean outdated = said.leaving() != views.standing().leaving();
        if ((!peer.contact().isMade() || outdated) && !peer.isRetired() && !selves.contains(peer)) {
          meet(peer); // That changed during the meeting, when no other thread could begin one.
        }
      } else {
        schedule(peer, 0);
      }
    } catch (IOException | RuntimeException | Error failure) {
      String trouble = failure instanceof LinkFailure ? failure.getMessage() : failure.toString();
      peer.noteNotMet();
      if (!trouble.equals(troubles.put(peer, trouble))) {
        log.info("no contact with {}: {}", shown(peer), ControlCharacters.escape(trouble));
      }
      schedule(peer, RETRY_MILLIS);
    }
  }

  /**
   * Meets the peer once. Returns whether the work is done: contact was made, or the peer is this
   * node.
   */
  private boolean attempt(NodePeer peer, Standing said) throws IOException {
    Contact.Attempt attempt = peer.contact().attempt();
    Duration limit = options.timeout().multipliedBy(10);
    NodeLink.Met met = peer.link().meet(meeting(attempt, said), limit);
    if (met.node() == self) {
      peer.noteNotMet();
      views.recognize(peer.url());
      if (!peer.isRetired() && selves.add(peer)) {
        log.warn(
            "{} is this node itself, which knows itself by another URL: all nodes have to name it"
                + " by one, and geecache.self, if it is set, has to be that",
            shown(peer));
      }
      return true;
    }
    views.note(peer, met.acknowledgement().standing());
    if (!peer.contact().met(attempt, met.node())) {
      return false;
    }
    peer.noteMet();
    troubles.remove(peer);
    log.info("in contact with {}", shown(peer));
    return true;
  }

  private Meeting meeting(Contact.Attempt attempt, Standing said) {
    String known = views.get().self();
    String name = known == null ? "" : known;
    if (!options.changesAllowed()) {
      return new Meeting(name, false, List.of(), said); // Nothing was removed anywhere.
    }
    Optional<List<Removal>> missed = removals.after(attempt.toldUpTo());
    return new Meeting(name, missed.isEmpty(), missed.orElse(List.of()), said);
  }

  private static String shown(NodePeer peer) {
    return ControlCharacters.escape(peer.url());
  }
}
