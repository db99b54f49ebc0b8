package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.http.ClusterCodec.Standing;
import geecache.http.PeerClient.Question;
import geecache.http.Reply.Status;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Makes contact with peers, and makes it again when it was lost: tells each what was removed
 * without it, and tries until it has heard. Meets each peer on one thread at a time.
 */
final class Meetings {
  private static final long RETRY_MILLIS = 1_000;
  private static final int LONGEST_ANSWER = 4 << 20;

  /** Past this a meeting would be too long for some containers; then everything is cleared. */
  private static final int LONGEST_MEETING = 1 << 20;

  private final Supplier<PeerLinks> links;
  private final Supplier<Views> views;
  private final Set<HTTPPeer> underWay = ConcurrentHashMap.newKeySet();

  /** Peers that turned out to be this node, which is known by another URL already. */
  private final Set<HTTPPeer> selves = ConcurrentHashMap.newKeySet();

  /** What went wrong last with a peer, so that it is logged once. */
  private final ConcurrentHashMap<HTTPPeer, String> troubles = new ConcurrentHashMap<>();

  /**
   * Meets nobody yet.
   *
   * @param links to the peers; made after this, as the next
   * @param views tells who this node is, and is told what peers are
   */
  Meetings(Supplier<PeerLinks> links, Supplier<Views> views) {
    this.links = links;
    this.views = views;
  }

  /** Has {@code peer} met as soon as there is a thread. */
  void meet(HTTPPeer peer) {
    meetIn(peer, 0);
  }

  /** Has {@code peer} met in about a second. */
  void meetSoon(HTTPPeer peer) {
    meetIn(peer, RETRY_MILLIS);
  }

  private void meetIn(HTTPPeer peer, long millis) {
    if (underWay.add(peer)) {
      schedule(peer, millis);
    }
  }

  private void schedule(HTTPPeer peer, long millis) {
    try {
      PeerLinks with = links.get();
      long jittered = millis + ThreadLocalRandom.current().nextLong(millis / 5 + 1);
      with.timer().schedule(() -> start(peer, with), jittered, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      underWay.remove(peer);
    }
  }

  /** A timer's task that throws is never seen again. */
  private void start(HTTPPeer peer, PeerLinks with) {
    try {
      with.executor().execute(() -> run(peer));
    } catch (RejectedExecutionException closed) {
      underWay.remove(peer);
    } catch (OutOfMemoryError noThread) {
      schedule(peer, RETRY_MILLIS);
    }
  }

  private void run(HTTPPeer peer) {
    if (peer.isRetired()) {
      underWay.remove(peer);
      troubles.remove(peer);
      selves.remove(peer);
      HTTPPeer returned =
          views.get().get().peer(peer.url()); // They share a contact, which may be lost.
      if (returned != null && returned != peer && !returned.contact().isMade()) {
        meet(returned);
      }
      return;
    }
    try {
      Standing said = views.get().standing();
      if (attempt(peer, said)) {
        underWay.remove(peer);
        boolean outdated = said.leaving() != views.get().standing().leaving();
        if ((!peer.contact().isMade() || outdated) && !peer.isRetired() && !selves.contains(peer)) {
          meet(peer); // That changed before this meeting was over, and nobody else meets it.
        }
      } else {
        schedule(peer, 0);
      }
    } catch (IOException | RuntimeException | Error failure) {
      String trouble = failure instanceof PeerFailure ? failure.getMessage() : failure.toString();
      peer.isNotThere();
      if (!trouble.equals(troubles.put(peer, trouble))) {
        links.get().log("no contact with " + peer.url() + ": " + trouble);
      }
      schedule(peer, RETRY_MILLIS);
    }
  }

  /** Who answered a meeting, and what it says of itself. */
  private record Met(long node, Standing standing) {}

  /** Returns whether there is nothing more to do: contact was made, or the peer is this node. */
  private boolean attempt(HTTPPeer peer, Standing said) throws IOException {
    PeerLinks with = links.get();
    Contact.Attempt attempt = peer.contact().attempt();
    byte[] body = ClusterCodec.meeting(meeting(with, attempt, said));
    if (body.length > LONGEST_MEETING) {
      body = ClusterCodec.meeting(new ClusterCodec.Meeting(url(), true, List.of(), said));
    }
    Question question =
        Question.post(
            peer.base(),
            "/_cluster/meet",
            new String[0],
            ClusterCodec.CONTENT_TYPE,
            body,
            with.options().silence().multipliedBy(10));
    Met met =
        with.client()
            .ask(
                question,
                reply -> {
                  byte[] answer = reply.bytes(LONGEST_ANSWER);
                  if (!reply.status().equals(Status.OK.token())) {
                    throw PeerFailure.refused(
                        "it refused to meet: "
                            + new String(answer, UTF_8).strip()
                            + (reply.code() == 401 || reply.code() == 403
                                ? " (is geecache.secret the same on both?)"
                                : ""));
                  }
                  return new Met(reply.node(), ClusterCodec.readAcknowledgement(answer).standing());
                });
    if (met.node() == with.self()) {
      peer.isNotThere();
      views.get().recognize(peer.url());
      if (!peer.isRetired() && selves.add(peer)) {
        with.warn(
            peer.url()
                + " is this node itself, which knows itself by another URL: all have to name it by"
                + " one, and geecache.self, if it is set, has to be that");
      }
      return true;
    }
    views.get().hear(peer, met.standing());
    if (!peer.contact().met(attempt, met.node())) {
      return false;
    }
    peer.welcome();
    troubles.remove(peer);
    with.log("in contact with " + peer.url());
    return true;
  }

  private ClusterCodec.Meeting meeting(PeerLinks with, Contact.Attempt attempt, Standing said) {
    if (with.options().secrets().isEmpty()) {
      // Nothing was removed anywhere.
      return new ClusterCodec.Meeting(url(), false, List.of(), said);
    }
    Optional<List<Removal>> missed = with.removals().after(attempt.toldUpTo());
    return new ClusterCodec.Meeting(url(), missed.isEmpty(), missed.orElse(List.of()), said);
  }

  private String url() {
    String known = views.get().get().self();
    return known == null ? "" : known;
  }
}
