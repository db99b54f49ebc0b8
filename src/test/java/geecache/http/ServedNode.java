package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.Geecache;
import geecache.GroupBuilder;
import geecache.Stamp;
import geecache.Ticker;
import geecache.cluster.Changes;
import geecache.cluster.Meeting;
import geecache.cluster.Removal;
import geecache.cluster.Sender;
import geecache.cluster.SetChange;
import geecache.cluster.VersionVector;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A node that is asked as by a container, without one. Its only group is {@code g}. */
final class ServedNode implements AutoCloseable {
  static final String SELF = "http://localhost:9999";
  static final String FIRST = "first-secret-of-two";
  static final String SECOND = "second-secret-of-two";

  static final PeerOptions OPEN = PeerOptions.defaults();
  static final PeerOptions SECRET = secret().build();

  /** The mark of a node that asks for the seventh time. */
  static final String MARK = PeerHeaders.of(new Sender(0xabc, 7));

  final Geecache node;
  final HTTPPool pool;
  private final Map<String, String> headers = new HashMap<>();

  /** Returns a builder of options with both secrets. */
  static PeerOptions.Builder secret() {
    return PeerOptions.builder().secrets(Secrets.of(List.of(FIRST, SECOND)));
  }

  ServedNode(PeerOptions options) {
    this(options, Ticker.system());
  }

  ServedNode(PeerOptions options, Ticker ticker) {
    this(options, new Geecache(ticker, 0));
  }

  ServedNode(PeerOptions options, Geecache node) {
    this.node = node;
    pool = new HTTPPool(node, SELF, HTTPPool.DEFAULT_BASE_PATH, null, options);
    node.registerPeers(pool);
  }

  GroupBuilder group() {
    return node.group("g");
  }

  /** Has every request from now on carry this header; null takes it away. */
  ServedNode with(String header, @Nullable String value) {
    if (value == null) {
      headers.remove(header);
    } else {
      headers.put(header, value);
    }
    return this;
  }

  ServedNode asOwner() {
    return with("Authorization", "Bearer " + FIRST);
  }

  ServedNode asNode() {
    return asOwner().with(PeerHeaders.SENDER, MARK);
  }

  CompletableFuture<Reply> send(
      String method, String target, Map<String, String> more, byte @Nullable [] body) {
    Map<String, String> all = new HashMap<>(headers);
    all.putAll(more);
    int question = target.indexOf('?');
    String uri = question < 0 ? target : target.substring(0, question);
    String query = question < 0 ? null : target.substring(question + 1);
    String path = uri.substring(uri.indexOf('/', 1) < 0 ? uri.length() : uri.indexOf('/', 1));
    return pool.handle(FakeRequests.of(method, uri, path, path, query, all, body));
  }

  CompletableFuture<Reply> send(String method, String target) {
    return send(method, target, Map.of(), null);
  }

  Reply ask(String method, String target) throws Exception {
    return result(send(method, target));
  }

  Reply get(String key) throws Exception {
    return ask("GET", "/_geecache/g/" + key);
  }

  /** Whether {@code key} is answered from memory. */
  boolean isHit(String key) throws Exception {
    return get(key).headers().get("Cache-Status").startsWith("geecache; hit");
  }

  Reply batch(BatchCodec.BatchRead asked) throws Exception {
    return batch(BatchCodec.CONTENT_TYPE, BatchCodec.request(asked));
  }

  Reply batch(String type, byte[] body) throws Exception {
    return result(send("POST", "/_geecache/g", Map.of("Content-Type", type), body));
  }

  Reply tell(String path, byte[] body) throws Exception {
    return result(send("POST", path, Map.of("Content-Type", ClusterCodec.CONTENT_TYPE), body));
  }

  /** Returns a set by a node that knew no changes. */
  static SetChange set(String key, String value, Stamp stamp) {
    return new SetChange("g", key, value.getBytes(UTF_8), -1, stamp, VersionVector.EMPTY);
  }

  /** Tells this node changes that are for it. */
  Reply change(List<SetChange> sets, Removal... removed) throws Exception {
    long clock = sets.stream().mapToLong(set -> set.stamp().time()).max().orElse(0);
    Changes changes = new Changes(pool.id(), clock, sets, null, List.of(removed));
    return tell("/_cluster/changes", ChangesCodec.changes(changes));
  }

  Reply meet(Meeting meeting) throws Exception {
    return tell("/_cluster/meet", ClusterCodec.meeting(meeting));
  }

  @Override
  public void close() {
    node.close();
  }

  /** Reads a frame of an answer's body. */
  static BatchCodec.Frame next(FrameReader frames) throws IOException {
    return frames.read(1 << 20);
  }
}
