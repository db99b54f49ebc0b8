package geecache.http;

import geecache.ByteView;
import geecache.KeyNotFoundException;
import geecache.LoadException;
import geecache.LoadTimeoutException;
import geecache.OverloadedException;
import geecache.PeerValue;
import geecache.http.PeerClient.Question;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Asks a peer for one key by {@code GET}, as any client would, and again while it is loading. */
final class KeyQuestion {
  /** RFC 9111, section 5.2.1.7: from memory, or a {@code 504}. */
  static final String ONLY_IF_CACHED = "only-if-cached";

  private final HTTPPeer peer;
  private final PeerLinks links;

  KeyQuestion(HTTPPeer peer, PeerLinks links) {
    this.peer = peer;
    this.links = links;
  }

  void ask(Wanted wanted) throws IOException {
    String group = wanted.group.name();
    List<String> headers = new ArrayList<>();
    headers.add(PeerMark.VIEW_HEADER);
    headers.add(Long.toHexString(links.fingerprint().getAsLong()));
    headers.add(PeerMark.WAIT_HEADER);
    headers.add(String.valueOf(links.options().silence().toMillis() / 2));
    if (wanted.onlyIfCached) {
      headers.add("Cache-Control");
      headers.add(ONLY_IF_CACHED);
    }
    List<Removal.Carried> removed = wanted.removed(links.removals());
    if (!removed.isEmpty()) {
      headers.add(CarriedHeader.NAME);
      headers.add(CarriedHeader.of(removed));
    }
    Question question =
        Question.get(
            peer.base(),
            links.basePath() + group + keyPart(wanted.key),
            headers.toArray(String[]::new),
            Wanted.longest(wanted.group).plus(links.options().silence()));
    links
        .client()
        .ask(
            question,
            reply -> {
              read(reply, wanted);
              return wanted;
            });
  }

  /** The path carries keys of unreserved characters alone; all others go into the query. */
  private static String keyPart(String key) {
    String encoded = PercentCoding.encode(key);
    boolean plain = encoded.length() == key.length() && !key.equals(".") && !key.equals("..");
    return plain ? "/" + encoded : "?key=" + encoded;
  }

  private void read(PeerReply reply, Wanted wanted) throws IOException {
    peer.requireKnown(reply);
    switch (reply.status()) {
      case "ok" -> wanted.is(value(reply, wanted));
      case "no-such-key" -> wanted.fails(new KeyNotFoundException(reply.message()));
      case "load-failed" -> wanted.fails(new LoadException(reply.message()));
      case "load-timeout" -> wanted.fails(new LoadTimeoutException(reply.message(), null));
      case "overloaded" -> wanted.fails(new OverloadedException(reply.message()));
      case "not-cached" -> {
        reply.message();
        wanted.isNotCached();
      }
      case "pending" -> {
        reply.message();
        peer.askAgain(wanted, 0);
      }
      default -> throw PeerFailure.refused(peer.url() + " refused: " + reply.message());
    }
  }

  private PeerValue value(PeerReply reply, Wanted wanted) throws IOException {
    if (reply.code() != 200) {
      throw PeerFailure.silent(peer.url() + " says ok with a " + reply.code(), null);
    }
    ByteView value = ByteView.of(reply.bytes(wanted.group.maxValueBytes()));
    String header = reply.headers().get(LifeHeader.NAME);
    if (header == null) {
      return new PeerValue(value, null, null, false);
    }
    LifeHeader life = LifeHeader.parse(header);
    if (life == null) {
      throw PeerFailure.silent(
          peer.url() + " sent a malformed " + LifeHeader.NAME + ": " + header, null);
    }
    Duration left = Duration.ofMillis(life.leftMillis());
    return new PeerValue(value, Duration.ofMillis(life.ageMillis()), left, left.isNegative());
  }
}
