package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import geecache.ByteView;
import geecache.KeyNotFoundException;
import geecache.Stamp;
import geecache.cluster.Baseline;
import geecache.cluster.Changes;
import geecache.cluster.HandedEntries;
import geecache.cluster.HandedEntry;
import geecache.cluster.Meeting;
import geecache.cluster.Removal;
import geecache.cluster.SetChange;
import geecache.cluster.Standing;
import geecache.cluster.VersionVector;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** Whole requests, to nodes with a secret and without: none ends in a fault of the node's own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RequestFuzz {
  private static final String[] METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE"};

  /** Each is followed by more; that nobody has the node leave is what the last ones are for. */
  private static final String[] PATHS = {
    "/_geecache/g",
    "/_geecache/",
    "/_groupcache/g/",
    "/_groupcache/",
    "/_cluster/meet",
    "/_cluster/changes",
    "/_cluster/change",
    "/_cluster/handoff",
    "/_cluster/status",
    "/_cluster/explain",
    "/_cluster/x"
  };

  private static final String[] QUERIES = {"", "key=", "group=g", "group=g&key=", "all=true"};

  private static final String[] HEADERS = {
    PeerHeaders.SENDER,
    PeerHeaders.VIEW,
    PeerHeaders.WAIT,
    PeerHeaders.LEFT,
    PeerHeaders.CALLERS,
    PeerHeaders.COPY_HITS,
    PeerHeaders.REMOVED,
    PeerHeaders.REMOVED_TIMES,
    "If-None-Match",
    "Cache-Control",
    "Content-Type",
    "Host"
  };

  private static final String[] VALUES = {
    ServedNode.MARK,
    KeyReader.ONLY_IF_CACHED,
    BatchCodec.CONTENT_TYPE,
    ClusterCodec.CONTENT_TYPE,
    "max-age=1"
  };

  private final ServedNode open = new ServedNode(PeerOptions.builder().groupcache(true).build());
  private final ServedNode guarded =
      new ServedNode(ServedNode.secret().groupcache(true).build()).asOwner();

  @BeforeAll
  void register() {
    for (ServedNode node : List.of(open, guarded)) {
      node.group().maxBytes(1 << 20).maxValueBytes(1 << 10).register(RequestFuzz::load);
    }
  }

  private static byte[] load(String key) throws KeyNotFoundException {
    if (key.length() > 3) {
      throw new KeyNotFoundException(key);
    }
    return key.getBytes(UTF_8);
  }

  @AfterAll
  void close() {
    open.close();
    guarded.close();
  }

  @FuzzTest
  void isAnsweredOrRefused(FuzzedDataProvider data) throws Exception {
    ServedNode node = data.consumeBoolean() ? open : guarded;
    String method = data.consumeBoolean() ? data.pickValue(METHODS) : data.consumeString(8);
    String start = data.pickValue(PATHS);
    String query = data.pickValue(QUERIES) + data.consumeString(40);
    String target = start + data.consumeString(40) + (data.consumeBoolean() ? "?" + query : "");
    Map<String, String> headers = new HashMap<>();
    for (int i = data.consumeInt(0, 3); i > 0; i--) {
      String value = data.consumeBoolean() ? data.pickValue(VALUES) : data.consumeString(60);
      headers.put(data.pickValue(HEADERS), value);
    }
    byte @Nullable [] body = body(data, node);

    Reply reply = result(node.send(method, target, headers, body));

    String status = reply.headers().get(Reply.STATUS_HEADER);
    assertThat(status).isNotNull().isNotEqualTo(Reply.Status.INTERNAL_ERROR.token());
    assertThat(reply.headers().values()).allMatch(value -> value.matches("[ -~]*"));
    for (Iterator<ByteView> parts = reply.parts(); parts.hasNext(); ) {
      parts.next().writeTo(OutputStream.nullOutputStream());
    }
    if (reply.rest() instanceof Reply.Later later) {
      later.writeTo(OutputStream.nullOutputStream());
    }
    if (String.valueOf(reply.headers().get("Content-Type")).startsWith("text/plain")) {
      assertThat(new String(reply.body().toByteArray(), UTF_8)).matches("\\P{Cntrl}*\n");
    }
  }

  /** Any bytes, or a message of any numbers. */
  private static byte @Nullable [] body(FuzzedDataProvider data, ServedNode node)
      throws IOException {
    int kind = data.consumeInt(0, 5);
    long one = data.consumeLong();
    long other = data.consumeLong();
    String key = data.consumeString(4);
    Removal removal = new Removal(one, other, one, "g", data.consumeBoolean() ? key : null);
    byte[] rest = data.consumeRemainingAsBytes();
    return switch (kind) {
      case 0 -> null;
      case 1 ->
          removal.key() == null
              ? VersionOneCodec.change(List.of(removal))
              : VersionOne.set(removal, new String(rest, UTF_8), one);
      case 2 ->
          ClusterCodec.meeting(
              new Meeting(
                  key, new Standing(true, other, one, false), one, one == 0, List.of(removal)));
      case 3 ->
          HandoffCodec.entries(
              new HandedEntries(
                  VersionVector.EMPTY, List.of(new HandedEntry(key, rest, one, other, null))));
      case 4 ->
          ChangesCodec.changes(
              new Changes(
                  node.pool.id(),
                  one,
                  List.of(
                      new SetChange(
                          "g", key, rest, other, new Stamp(one, other), VersionVector.EMPTY)),
                  one == other
                      ? new Baseline(new VersionVector(Map.of(other, one)), new Stamp(one, other))
                      : null,
                  List.of(removal)));
      default -> rest;
    };
  }
}
