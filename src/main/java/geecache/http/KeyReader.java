package geecache.http;

import geecache.ByteView;
import geecache.KeyNotFoundException;
import geecache.LoadException;
import geecache.LoadTimeoutException;
import geecache.OverloadedException;
import geecache.PeerValue;
import geecache.Stamp;
import geecache.cluster.KeyRead;
import geecache.cluster.LinkFailure;
import geecache.cluster.ReadLink.Answers;
import geecache.cluster.ReadLink.Batch;
import geecache.http.PeerClient.Question;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one key from a node by {@code GET}, as a client does. The node answers "pending" while it
 * loads the key.
 */
final class KeyReader {
  /** RFC 9111, section 5.2.1.7: from memory, or a {@code 504}. */
  static final String ONLY_IF_CACHED = "only-if-cached";

  private final String url;
  private final URI base;
  private final PeerClient client;
  private final String basePath;
  private final PeerOptions options;

  KeyReader(String url, PeerClient client, String basePath, PeerOptions options) {
    this.url = url;
    this.base = URI.create(url);
    this.client = client;
    this.basePath = basePath;
    this.options = options;
  }

  /** Reads the first key of {@code batch}, and passes on its answer. */
  void read(Batch batch, Answers answers) throws IOException {
    KeyRead read = batch.keys().get(0);
    List<String> headers = new ArrayList<>();
    headers.add(PeerHeaders.VIEW);
    headers.add(Long.toHexString(batch.view()));
    headers.add(PeerHeaders.WAIT);
    headers.add(String.valueOf(options.timeout().toMillis() / 2));
    if (read.left() != null) {
      headers.add(PeerHeaders.LEFT);
      headers.add(String.valueOf(read.left().toMillis()));
    }
    if (read.callers() > 1) {
      headers.add(PeerHeaders.CALLERS);
      headers.add(String.valueOf(read.callers()));
    }
    if (read.copyHits() > 0) {
      headers.add(PeerHeaders.COPY_HITS);
      headers.add(String.valueOf(read.copyHits()));
    }
    if (read.canLoad()) {
      headers.add(PeerHeaders.LEASE);
      headers.add("true");
    }
    if (read.onlyIfCached()) {
      headers.add("Cache-Control");
      headers.add(ONLY_IF_CACHED);
    }
    if (!read.removed().isEmpty()) {
      headers.add(PeerHeaders.REMOVED);
      headers.add(PeerHeaders.of(read.removed()));
      headers.add(PeerHeaders.REMOVED_TIMES);
      headers.add(PeerHeaders.timesOf(read.removed()));
    }
    if (!batch.required().upTo().isEmpty()) {
      headers.add(PeerHeaders.REQUIRED);
      headers.add(required(batch));
    }
    Question question =
        Question.get(
            base,
            basePath + batch.group().name() + keyPart(read.key()),
            headers.toArray(String[]::new),
            batch.limit());
    client.ask(
        question,
        reply -> {
          read(reply, read, batch.group().maxValueBytes(), answers);
          return read;
        });
  }

  private String required(Batch batch) throws LinkFailure {
    if (batch.required().upTo().size() > PeerHeaders.MOST_KNOWN) { // All of them have to be named.
      throw LinkFailure.refused(
          url + " is not asked: a GET would have to name the changes of too many nodes");
    }
    return PeerHeaders.of(batch.required());
  }

  /** A key of unreserved characters goes into the path, any other key into the query. */
  private static String keyPart(String key) {
    String encoded = PercentCoding.encode(key);
    boolean plain = encoded.length() == key.length() && !key.equals(".") && !key.equals("..");
    return plain ? "/" + encoded : "?key=" + encoded;
  }

  private void read(PeerReply reply, KeyRead asked, int maxValueBytes, Answers answers)
      throws IOException {
    answers.begin(reply.node());
    String known = reply.headers().get(PeerHeaders.KNOWN);
    if (known != null) {
      answers.knows(requireWellFormed(PeerHeaders.parseKnown(known), PeerHeaders.KNOWN, known));
    }
    switch (reply.status()) {
      case "ok" -> {
        long length = reply.length();
        if (length > maxValueBytes) {
          answers.failure(0, PeerReply.tooLong(length, maxValueBytes));
        } else {
          answers.value(0, value(reply, maxValueBytes));
        }
      }
      case "no-such-key" -> answers.failure(0, new KeyNotFoundException(reply.message()));
      case "unfilled" -> {
        reply.message();
        answers.failure(0, KeyNotFoundException.unfilled(asked.key()));
      }
      case "leased" -> {
        reply.message();
        String number = String.valueOf(reply.headers().get(PeerHeaders.LEASE));
        answers.leased(
            0, requireWellFormed(PeerHeaders.parseLease(number), PeerHeaders.LEASE, number));
      }
      case "load-failed" -> answers.failure(0, new LoadException(reply.message()));
      case "load-timeout" -> answers.failure(0, new LoadTimeoutException(reply.message(), null));
      case "overloaded" -> answers.failure(0, new OverloadedException(reply.message()));
      case "not-cached" -> {
        reply.message();
        answers.notCached(0);
      }
      case "pending" -> {
        boolean queued = "true".equals(reply.headers().get(PeerHeaders.QUEUED));
        reply.message();
        answers.pending(0, 0, queued);
      }
      case "behind" -> {
        reply.message();
        throw LinkFailure.behind(url);
      }
      default -> throw LinkFailure.refused(url + " refused: " + reply.message());
    }
  }

  private PeerValue value(PeerReply reply, int maxValueBytes) throws IOException {
    if (reply.code() != 200) {
      throw LinkFailure.silent(url + " sent status ok with code " + reply.code(), null);
    }
    ByteView value = reply.value(maxValueBytes);
    String stamp = reply.headers().get(PeerHeaders.STAMP);
    Stamp change =
        stamp == null
            ? null
            : requireWellFormed(PeerHeaders.parseStamp(stamp), PeerHeaders.STAMP, stamp);
    String told = reply.headers().get(PeerHeaders.RATE);
    int rate =
        told == null ? 0 : requireWellFormed(PeerHeaders.parseCount(told), PeerHeaders.RATE, told);
    String header = reply.headers().get(PeerHeaders.LIFE);
    if (header == null) {
      return new PeerValue(value, null, null, true, false, change, rate);
    }
    PeerHeaders.Life life =
        requireWellFormed(PeerHeaders.Life.parse(header), PeerHeaders.LIFE, header);
    Duration left = Duration.ofMillis(life.leftMillis());
    return new PeerValue(
        value,
        Duration.ofMillis(life.ageMillis()),
        left,
        "true".equals(reply.headers().get(PeerHeaders.ENDLESS)),
        left.isNegative(),
        change,
        rate);
  }

  private <T> T requireWellFormed(@Nullable T parsed, String name, String header)
      throws LinkFailure {
    if (parsed == null) {
      throw LinkFailure.silent(url + " sent a malformed " + name + ": " + header, null);
    }
    return parsed;
  }
}
