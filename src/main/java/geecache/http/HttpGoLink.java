package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.LoadException;
import geecache.LocalGroup;
import geecache.OwnedBytes;
import geecache.PeerValue;
import geecache.cluster.GoNodeLink;
import geecache.cluster.LinkFailure;
import geecache.http.PeerClient.Question;
import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to a node of golang/groupcache over HTTP. It is asked for one key at a time, as its own
 * peers ask it. A probe is a request without a key: groupcache answers it at once, in a way that
 * shows that it is groupcache.
 */
final class HttpGoLink implements GoNodeLink {
  private static final Logger log = LoggerFactory.getLogger(HttpGoLink.class);
  private static final String PATH = Request.Mapping.GROUPCACHE.path();
  private static final int LONGEST_ERROR = 64 << 10;

  private final String url;
  private final URI base;
  private final PeerClient client;
  private final PeerOptions options;

  HttpGoLink(String url, PeerClient client, PeerOptions options) {
    this.url = url;
    this.base = URI.create(url);
    this.client = client;
    this.options = options;
  }

  @Override
  public int maxKeys() {
    return 1;
  }

  @Override
  public int maxReads() {
    return options.connections();
  }

  @Override
  public boolean read(Batch batch, Answers answers) throws IOException {
    LocalGroup group = batch.group();
    String key = batch.keys().get(0).key();
    String path = PATH + group.name() + "/" + PercentCoding.encode(key);
    Question question = Question.get(base, path, new String[0], batch.limit());
    return client.askGo(
        question,
        question.limit(),
        reply -> {
          answers.begin(0);
          read(reply, group, key, answers);
          return true;
        });
  }

  private void read(PeerReply reply, LocalGroup group, String key, Answers answers)
      throws IOException {
    int code = reply.code();
    if (code == 200) {
      answers.value(0, value(reply, group));
      return;
    }
    String message = reply.message();
    boolean own = isGoError(reply);
    if (own && code == 500) {
      answers.failure(0, loadFailed(group, key, message));
    } else if ((own && (code == 400 || (code == 404 && message.startsWith("no such group"))))
        || code == 301
        || code == 307
        || code == 308) {
      // Go's ServeMux redirects a path with an empty segment, . or ..
      throw LinkFailure.refused(url + " refused with " + code + ": " + message);
    } else {
      throw LinkFailure.silent(notGroupcache(reply), null);
    }
  }

  private PeerValue value(PeerReply reply, LocalGroup group) throws IOException {
    String type = reply.headers().get("Content-Type");
    if (!GroupcacheCodec.CONTENT_TYPE.equals(type) || !reply.status().isEmpty()) {
      throw LinkFailure.silent(notGroupcache(reply), null);
    }
    byte[] message = reply.bytes(group.maxValueBytes() + GroupcacheCodec.ALLOWANCE);
    byte[] value = GroupcacheCodec.decode(message);
    if (value.length > group.maxValueBytes()) {
      throw LinkFailure.silent(url + " sent a value of " + value.length + " bytes", null);
    }
    return new PeerValue(OwnedBytes.view(value), null, null, false, null);
  }

  /** Whether {@code reply} is an error as Go's {@code http.Error} writes it. */
  private static boolean isGoError(PeerReply reply) {
    return "text/plain; charset=utf-8".equals(reply.headers().get("Content-Type"))
        && "nosniff".equals(reply.headers().get("X-Content-Type-Options"))
        && reply.status().isEmpty();
  }

  private String notGroupcache(PeerReply reply) {
    return reply.status().isEmpty()
        ? reply.code() + " from " + url + " is not an answer of groupcache"
        : url + " is a geecache node, not a Go node: name it in geecache.peers alone";
  }

  /**
   * Go sends the full message of an error. So clients get an id, and the message is logged under
   * it.
   */
  private LoadException loadFailed(LocalGroup group, String key, String message) {
    String id = UUID.randomUUID().toString().substring(0, 8);
    log.warn(
        "load failed: {} group {} key {} on {}: {}",
        id,
        group.name(),
        ControlCharacters.escape(key),
        url,
        ControlCharacters.escape(message));
    return new LoadException("load failed: " + id);
  }

  /** Groupcache answers "bad request" to a path without a key, even if it has no groups. */
  @Override
  public void probe() throws IOException {
    Duration timeout = options.timeout();
    Question question = Question.get(base, PATH, new String[0], timeout.multipliedBy(2));
    client.askGo(question, timeout, this::requireGroupcache);
  }

  private boolean requireGroupcache(PeerReply reply) throws IOException {
    String message = new String(reply.bytes(LONGEST_ERROR), UTF_8).strip();
    if (reply.code() == 400 && isGoError(reply) && message.equals("bad request")) {
      return true;
    }
    String why = reply.code() == 401 ? ": wrong or missing geecache.secret" : "";
    throw LinkFailure.refused(notGroupcache(reply) + why);
  }

  @Override
  public void renewConnections() {
    client.closeIdle();
  }

  @Override
  public void giveUp() {
    client.giveUp(base);
  }
}
