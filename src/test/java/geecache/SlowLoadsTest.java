package geecache;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.internal.JsonWriter;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.StringReader;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlowLoadsTest {
  private static final long KEPT = Duration.ofMinutes(15).toNanos();
  private static final long MILLI = 1_000_000;

  private final SlowLoads loads = new SlowLoads(KEPT);

  /** The clock may overflow meanwhile. */
  private final long begun = Long.MAX_VALUE - 5;

  private List<JsonObject> told(long now) {
    JsonWriter to = new JsonWriter();
    to.object(() -> loads.write(now, new KeyRoom(), to));
    try (JsonReader reader = Json.createReader(new StringReader(to.toString()))) {
      return reader.readObject().getJsonArray("slowLoads").getValuesAs(JsonObject.class);
    }
  }

  private List<String> keys(long now) {
    return told(now).stream().map(load -> load.getString("key")).toList();
  }

  @Test
  void theSlowestStayOfAnyNumber() {
    for (int i = 0; i < 1_000; i++) {
      int millis = i * 7919 % 1_000;
      loads.add("k" + millis, 1, millis * MILLI, false, begun + i);
    }

    assertThat(keys(begun + 1_000)).hasSize(20).startsWith("k999", "k998").endsWith("k980");
  }

  @Test
  void ofAKeyOnlyTheSlowestIsTold() {
    loads.add("a", 1, 5 * MILLI, false, begun);
    loads.add("a", 1, 9 * MILLI, true, begun);
    loads.add("a", 1, 7 * MILLI, false, begun);
    loads.add("b", 3, 6 * MILLI, false, begun);

    List<JsonObject> told = told(begun + 10 * MILLI);
    assertThat(told).extracting(load -> load.getString("key")).containsExactly("a", "b");
    assertThat(told).extracting(load -> load.getInt("micros")).containsExactly(9_000, 6_000);
    assertThat(told).extracting(load -> load.getBoolean("failed")).containsExactly(true, false);
    assertThat(told).extracting(load -> load.getInt("keys")).containsExactly(1, 3);
    assertThat(told).extracting(load -> load.getInt("agoMillis")).containsOnly(10);
  }

  @Test
  void whatIsLongAgoMakesWay() {
    loads.add("old", 1, 9_000 * MILLI, false, begun);
    loads.add("new", 1, MILLI, false, begun + KEPT + 1);
    assertThat(keys(begun + KEPT + 1)).containsExactly("new");

    loads.forgetOld(begun + 2 * KEPT + 2);
    assertThat(keys(begun + 2 * KEPT + 2)).isEmpty();
  }
}
