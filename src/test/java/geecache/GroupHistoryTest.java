package geecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.GroupBuilder.Store;
import geecache.internal.JsonWriter;
import jakarta.json.Json;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a node keeps of the last quarter of an hour of its groups. */
class GroupHistoryTest {
  private static final Duration LOAD = Duration.ofMillis(8);

  private final FakeTicker ticker = new FakeTicker();
  private final HandTimer timer = new HandTimer();

  /** By which hits are timed; a hit takes a microsecond. */
  private final FakeTicker hitTicker = new FakeTicker();

  private final Geecache node = node();
  private final Group group = group("users");

  private Geecache node() {
    hitTicker.advanceWithEachReading(Duration.ofNanos(1_000));
    NodeParts parts =
        NodeParts.of(ticker, new LoaderThreads(new CallersThread(Runnable::run), timer));
    return new Geecache(
        new NodeParts(
            ticker, hitTicker, parts.loaders(), parts.random(), parts.waiting(), parts.cluster()));
  }

  private Group group(String name) {
    return node.newGroup(
        name,
        1 << 20,
        key -> {
          ticker.advance(LOAD);
          if (key.startsWith("bad")) {
            throw new LoadException("the source is down");
          }
          if (key.startsWith("absent")) {
            throw new KeyNotFoundException("no such row");
          }
          return key.getBytes(UTF_8);
        });
  }

  @AfterEach
  void close() {
    node.close();
  }

  private void fiveSeconds() {
    ticker.advance(GroupHistory.EVERY);
    timer.fire(GroupHistory.EVERY);
  }

  private static JsonObject told(Group group, int points) {
    JsonWriter to = new JsonWriter();
    to.object(() -> LocalNode.partOf(group).writeHistory(points, to));
    try (JsonReader reader = Json.createReader(new StringReader(to.toString()))) {
      return reader.readObject();
    }
  }

  /** Of so many hits in a row, one in sixteen is looked at, and so at least one of 34. */
  private void hits(String key, int times) throws CacheException {
    for (int i = 0; i < times; i++) {
      group.get(key);
    }
  }

  private JsonObject history() {
    return told(group, GroupHistory.POINTS).getJsonObject("history");
  }

  private List<Long> column(String name) {
    return history().getJsonArray(name).getValuesAs(JsonNumber::longValue);
  }

  private List<String> keys(String field) {
    return told(group, 1).getJsonArray(field).getValuesAs(JsonObject.class).stream()
        .map(each -> each.getString("key"))
        .toList();
  }

  @Test
  void nothingIsKeptUnlessItIsAskedFor() throws CacheException {
    group.get("Tom");

    assertThat(told(group, 1)).isEmpty();
    assertThat(LocalNode.partOf(group).durations().loads().isHeard()).isFalse();
    assertThatThrownBy(() -> timer.fire(GroupHistory.EVERY)).isInstanceOf(RuntimeException.class);
  }

  @Test
  void aPointHasWhatWasDoneSinceTheLastOne() throws CacheException {
    group.get("before");
    node.local().keepHistory();
    group.get("Tom");
    hits("Tom", 40);
    assertThatThrownBy(() -> group.get("bad")).isInstanceOf(LoadException.class);
    fiveSeconds();
    hits("Tom", 40);
    fiveSeconds();

    assertThat(history().getInt("everyMillis")).isEqualTo(5_000);
    assertThat(history().getInt("last")).isEqualTo(2);
    assertThat(history().getInt("agoMillis")).isZero();
    assertThat(column("millis")).containsExactly(5_000 + 2 * LOAD.toMillis(), 5_000L);
    assertThat(column("gets")).containsExactly(42L, 40L);
    assertThat(column("hits")).containsExactly(40L, 40L);
    assertThat(column("loads")).containsExactly(2L, 0L);
    assertThat(column("failed")).containsExactly(1L, 0L);
    assertThat(column("bytes")).containsExactly(group.stats().bytes(), group.stats().bytes());
    assertThat(column("loadMicros99").get(0))
        .isBetween(LOAD.toNanos() / 1000, LOAD.toNanos() / 800);
    assertThat(column("loadMicros99").get(1)).as("no load").isZero();
    assertThat(column("hitNanosMedian")).allMatch(nanos -> nanos >= 1_000 && nanos <= 1_250);
  }

  @Test
  void aPointHasTheseFields() {
    node.local().keepHistory();

    Set<String> arrays =
        history().entrySet().stream()
            .filter(field -> field.getValue().getValueType() == JsonValue.ValueType.ARRAY)
            .map(field -> field.getKey())
            .collect(Collectors.toSet());
    assertThat(arrays)
        .containsExactlyInAnyOrder(
            "millis",
            "gets",
            "hits",
            "stale",
            "loads",
            "failed",
            "fetches",
            "rejected",
            "evictions",
            "bytes",
            "hitNanosMedian",
            "hitNanos99",
            "fetchMicrosMedian",
            "fetchMicros99",
            "loadMicrosMedian",
            "loadMicros99");
  }

  @Test
  void aQuarterOfAnHourIsKeptAndNoMore() throws CacheException {
    node.local().keepHistory();
    for (int point = 0; point < GroupHistory.POINTS + 3; point++) {
      group.get("Tom");
      fiveSeconds();
    }

    assertThat(history().getInt("last")).isEqualTo(GroupHistory.POINTS + 3);
    assertThat(column("hits")).hasSize(GroupHistory.POINTS).containsOnly(1L);
    assertThat(told(group, 2).getJsonObject("history").getJsonArray("gets")).hasSize(2);
    assertThat(told(group, 9_999).getJsonObject("history").getJsonArray("gets"))
        .hasSize(GroupHistory.POINTS);
  }

  @Test
  void aGroupThatComesLaterKeepsItsHistoryToo() throws CacheException {
    node.local().keepHistory();
    node.local().keepHistory();
    Group late = group("late");
    late.get("Tom");
    fiveSeconds();

    assertThat(told(late, 1).getJsonObject("history").getJsonArray("gets").getInt(0)).isEqualTo(1);
  }

  @Test
  void keysThatAreAskedForMostComeFirst() throws CacheException {
    node.local().keepHistory();
    for (int i = 0; i < 1_000; i++) {
      group.get("hot");
      group.get(i % 2 == 0 ? "warm" : "cold" + i);
    }
    fiveSeconds();

    assertThat(keys("hotKeys")).startsWith("hot", "warm").hasSizeLessThanOrEqualTo(20);
    JsonObject hottest = told(group, 1).getJsonArray("hotKeys").getJsonObject(0);
    assertThat(hottest.getJsonNumber("getsPerSecond").doubleValue()).isBetween(60.0, 200.0);
  }

  /** Else a hit would cost more than one without: most are counted and not looked at. */
  @Test
  void ofManyHitsFewAreLookedAt() throws CacheException {
    node.local().keepHistory();
    group.get("Tom");
    fiveSeconds();
    long before = hitTicker.readings();
    for (int i = 0; i < 2_000_000; i++) {
      group.get("Tom");
    }
    assertThat(hitTicker.readings() - before).as("two for each").isBetween(200L, 1_200L);
    fiveSeconds();
    before = hitTicker.readings();
    for (int i = 0; i < 2_000_000; i++) {
      group.get("Tom");
    }
    assertThat(hitTicker.readings() - before).as("about as many").isBetween(50L, 400L);
    ticker.advance(Duration.ofMillis(5_000));
    timer.fire(GroupHistory.EVERY);

    JsonObject hottest = told(group, 1).getJsonArray("hotKeys").getJsonObject(0);
    assertThat(hottest.getString("key")).isEqualTo("Tom");
    assertThat(hottest.getJsonNumber("getsPerSecond").doubleValue())
        .as("each hit that was looked at stands for those that were not")
        .isBetween(200_000.0, 400_000.0);
  }

  @Test
  void slowestLoadsComeFirstWithWhatBecameOfThem() {
    node.local().keepHistory();
    for (String key : List.of("bad", "absent", "Tom")) {
      ticker.advance(Duration.ofSeconds(1));
      group.getAsync(key);
    }

    List<JsonObject> slow = told(group, 1).getJsonArray("slowLoads").getValuesAs(JsonObject.class);
    assertThat(slow)
        .extracting(load -> load.getString("key"))
        .containsExactly("bad", "absent", "Tom");
    assertThat(slow)
        .extracting(load -> load.getBoolean("failed"))
        .containsExactly(true, false, false);
    assertThat(slow).extracting(load -> load.getInt("micros")).containsOnly(8_000);
    assertThat(slow.get(2).getInt("agoMillis")).isZero();
    assertThat(slow.get(1).getInt("agoMillis")).isEqualTo(1_008);
  }

  /** Else those who watch would decide what is kept. */
  @Test
  void toLookAtAHitIsNoUse() throws CacheException {
    Group byValue =
        node.group("by-value")
            .store(Store.VALUE)
            .maxBytes(1 << 20)
            .register(key -> key.getBytes(UTF_8));
    node.local().keepHistory();
    byValue.get("Tom");
    int expected = frequency(byValue, "Tom");
    long before = hitTicker.readings();
    while (hitTicker.readings() == before) {
      byValue.get("Tom");
      expected++;
    }

    assertThat(frequency(byValue, "Tom")).isEqualTo(expected).isLessThan(15);
  }

  private static int frequency(Group group, String key) {
    JsonWriter to = new JsonWriter();
    to.object(() -> LocalNode.partOf(group).explain(key, to));
    try (JsonReader reader = Json.createReader(new StringReader(to.toString()))) {
      return reader.readObject().getJsonObject("held").getInt("frequency");
    }
  }

  /** Clients choose keys, and long ones would fill the answer of a node. */
  @Test
  void longKeysAreLeftOut() throws CacheException {
    node.local().keepHistory();
    String longest = "k".repeat(256);
    for (String key : List.of(longest, longest + "k")) {
      group.get(key);
      hits(key, 40);
    }
    fiveSeconds();

    assertThat(keys("hotKeys")).containsExactly(longest);
    assertThat(keys("slowLoads")).containsExactly(longest);
  }

  /** Each of these takes 1,536 bytes, as each of its characters is escaped. */
  @Test
  void whatIsToldOfKeysHasABound() throws CacheException {
    node.local().keepHistory();
    for (int i = 0; i < 30; i++) {
      String key = "\u0001".repeat(253) + (100 + i);
      group.get(key);
      hits(key, 40);
    }
    fiveSeconds();

    JsonWriter to = new JsonWriter();
    to.object(() -> LocalNode.partOf(group).writeHistory(1, to));
    assertThat(to.toString().length()).isBetween(KeyRoom.BYTES / 2, KeyRoom.BYTES + 1_000);
  }

  @Test
  void nothingIsAskedForAnyMoreOnceTheNodeIsClosed() {
    node.local().keepHistory();
    node.close();

    ticker.advance(GroupHistory.EVERY);
    assertThat(timer.isShutdown()).isTrue();
  }
}
