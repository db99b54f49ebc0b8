package geecache.containers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.containers.BatchConnection.Frame;
import geecache.containers.BatchConnection.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Many keys in one request, as nodes ask each other: what is there at once, the rest as it comes.
 */
interface BatchContract extends Deployed {

  /** Nothing that is loading is released before what was sent until then has been received. */
  @ParameterizedTest
  @MethodSource("geecache.containers.Site#gated")
  default void lateKeysFollowOnTheSameAnswer(Site site) throws IOException {
    Gates gates = new Gates(this, site);
    List<String> keys = List.of(gates.warm(), gates.slow(1), gates.slow(2));
    try (BatchConnection connection = connect(site)) {
      ClassicHttpResponse head = connection.ask("gate", true, keys);
      assertThat(head.getCode()).isEqualTo(200);
      assertThat(header(head, "Content-Type")).isEqualTo(BatchConnection.TYPE);
      assertThat(header(head, "Geecache-Status")).isEqualTo("ok");
      assertThat(header(head, "Async-Supported"))
          .isEqualTo(site == Site.GUARDED ? "false" : "none");
      assertThat(connection.next()).isEqualTo(new Frame(0, Kind.VALUE, keys.get(0)));
      assertThat(connection.next()).isEqualTo(new Frame(0, Kind.REST_PENDING, ""));
      for (int late : new int[] {2, 1}) {
        assertThat(connection.next()).isEqualTo(new Frame(0, Kind.KEEP_ALIVE, ""));
        assertThat(connection.next()).isEqualTo(new Frame(0, Kind.KEEP_ALIVE, ""));
        gates.open(late);
        assertThat(connection.nextButKeepAlive())
            .isEqualTo(new Frame(late, Kind.VALUE, keys.get(late)));
      }
      assertThat(connection.next()).isNull();

      connection.ask("gate", true, keys);
      for (int i = 0; i < keys.size(); i++) {
        assertThat(connection.next()).isEqualTo(new Frame(i, Kind.VALUE, keys.get(i)));
      }
      assertThat(connection.next()).as("after an answer on a kept connection").isNull();
    }
  }

  @ParameterizedTest
  @MethodSource("geecache.containers.Site#gated")
  default void whoMayNotWaitIsToldWhatIsLoading(Site site) throws IOException {
    Gates gates = new Gates(this, site);
    try (BatchConnection connection = connect(site)) {
      connection.ask("gate", false, List.of(gates.slow(1), gates.warm()));
      assertThat(connection.next()).isEqualTo(new Frame(1, Kind.VALUE, gates.warm()));
      assertThat(connection.next()).isEqualTo(new Frame(0, Kind.PENDING, ""));
      assertThat(connection.next()).isNull();
    }
    gates.open(1);
  }

  @Test
  default void aBatchCarriesLargeValues() throws IOException {
    String key = UUID.randomUUID().toString();
    client().get(Site.LIBRARY.node("/large/" + key));
    try (BatchConnection connection = connect(Site.LIBRARY)) {
      for (boolean mayWait : new boolean[] {false, true}) {
        connection.ask("large", mayWait, List.of(key));
        assertThat(connection.next()).isEqualTo(new Frame(0, Kind.VALUE, key.repeat(100_000)));
        assertThat(connection.next()).isNull();
      }
    }
  }

  @Test
  default void aBatchCarriesAnyKey() throws IOException {
    List<String> keys = new ArrayList<>(AwkwardKeys.all());
    Map<String, String> values = new HashMap<>();
    try (BatchConnection connection = connect(Site.LIBRARY)) {
      connection.ask("echo", true, keys);
      for (Frame frame = connection.next(); frame != null; frame = connection.next()) {
        if (frame.kind() == Kind.VALUE) {
          assertThat(values.put(keys.get(frame.index()), frame.text())).isNull();
        }
      }
    }
    assertThat(values).hasSize(keys.size());
    values.forEach((key, value) -> assertThat(value).isEqualTo(key));
  }

  @Test
  default void eachKeyFailsByItself() throws IOException {
    assertThat(outcomes("absent", "a", "")).containsExactly(Kind.NO_SUCH_KEY, Kind.BAD_KEY);
    assertThat(outcomes("broken", "a", "a".repeat(2049)))
        .containsExactly(Kind.LOAD_FAILED, Kind.BAD_KEY);
    assertThat(outcomes("scores", "Tom", "kkk")).containsExactly(Kind.VALUE, Kind.LOAD_FAILED);
    assertThat(outcomes("scores")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Site.class,
      names = {"ROOT", "SHOP", "BLOCKING", "LIBRARY", "GUARDED"})
  default void aRequestForManyKeysIsOfItsFormOrRefused(Site site) throws IOException {
    byte[] good = BatchConnection.request(true, List.of("Tom"));
    byte[] malformed = {0x12, 0x7f, 0x0a};
    assertRefused(site, "/scores", BatchConnection.TYPE, malformed, 400, "bad-request");
    assertRefused(site, "/scores/Tom", BatchConnection.TYPE, good, 400, "bad-request");
    assertRefused(site, "/scores?key=Tom", BatchConnection.TYPE, good, 400, "bad-request");
    assertRefused(site, "/nope", BatchConnection.TYPE, good, 404, "no-such-group");
    String otherVersion = BatchConnection.TYPE.replace("v1", "v2");
    for (String type : List.of(otherVersion, "application/x-www-form-urlencoded", "text/plain")) {
      assertRefused(site, "/scores", type, good, 415, "unsupported");
    }
  }

  /** So many answers stay open that no other could, if who left did not make room. */
  @Test
  default void whoLeavesBeforeTheEndMakesRoom() throws IOException {
    Gates gates = new Gates(this, Site.LIBRARY);
    List<BatchConnection> open = new ArrayList<>();
    try {
      Kind last = Kind.REST_PENDING;
      while (last == Kind.REST_PENDING && open.size() <= 1_000) {
        BatchConnection connection = connect(Site.LIBRARY);
        open.add(connection);
        connection.ask("gate", true, List.of(gates.slow(1)));
        last = connection.nextButKeepAlive().kind();
      }
      assertThat(last).isEqualTo(Kind.PENDING);
    } finally {
      open.forEach(BatchConnection::close);
    }
    Awaitility.await("room for another answer")
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              try (BatchConnection connection = connect(Site.LIBRARY)) {
                connection.ask("gate", true, List.of(gates.slow(1)));
                return connection.nextButKeepAlive().kind() == Kind.REST_PENDING;
              }
            });
    gates.open(1);
    lateKeysFollowOnTheSameAnswer(Site.LIBRARY);
  }

  private BatchConnection connect(Site site) throws IOException {
    return new BatchConnection(site, container().port());
  }

  private List<Kind> outcomes(String group, String... keys) throws IOException {
    Kind[] kinds = new Kind[keys.length];
    try (BatchConnection connection = connect(Site.LIBRARY)) {
      assertThat(connection.ask(group, true, List.of(keys)).getCode()).isEqualTo(200);
      for (Frame frame = connection.next(); frame != null; frame = connection.next()) {
        if (frame.kind() != Kind.REST_PENDING && frame.kind() != Kind.KEEP_ALIVE) {
          assertThat(kinds[frame.index()]).isNull();
          kinds[frame.index()] = frame.kind();
        }
      }
    }
    return List.of(kinds);
  }

  private void assertRefused(
      Site site, String rest, String type, byte[] body, int code, String status)
      throws IOException {
    Map<String, String> headers = new HashMap<>(site.credentials());
    headers.put("Content-Type", type);
    Answer answer = client().send("POST", site.node(rest), headers, body);
    assertThat(answer.code()).as("%s %s %s: %s", site, rest, type, answer).isEqualTo(code);
    assertThat(answer.header("Geecache-Status")).isEqualTo(status);
    assertThat(answer.mediaType()).isEqualTo("text/plain");
    assertThat(answer.text()).matches("[^\\p{Cntrl}]+\n");
  }

  private static String header(ClassicHttpResponse head, String name) {
    Header header = head.getFirstHeader(name);
    return header == null ? "none" : header.getValue();
  }

  /** The gates of one test at one site, all closed, and a key that is in memory. */
  record Gates(BatchContract contract, Site site, String id) {
    Gates(BatchContract contract, Site site) throws IOException {
      this(contract, site, UUID.randomUUID().toString());
      ask(warm());
    }

    String warm() {
      return "warm-" + id;
    }

    String slow(int gate) {
      return "slow-" + id + "-" + gate;
    }

    void open(int gate) throws IOException {
      ask("open-" + id + "-" + gate);
    }

    private void ask(String key) throws IOException {
      Answer answer =
          contract.client().send("GET", site.node("/gate/" + key), site.credentials(), null);
      assertThat(answer.body()).as("%s", answer).isEqualTo(key.getBytes(UTF_8));
    }
  }
}
