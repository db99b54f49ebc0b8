package geecache.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LruTest {
  private final List<String> evicted = new ArrayList<>();
  private final Map<String, Integer> sizes = new HashMap<>();

  private Lru<String> lru(long maxBytes) {
    return new Lru<>(
        maxBytes, (key, value) -> sizes.get(key), (key, value) -> evicted.add(key + "=" + value));
  }

  private void put(Lru<String> lru, String key, String value, int size) {
    sizes.put(key, size);
    lru.put(key, value);
  }

  @Test
  void removesTheOldestFirst() {
    Lru<String> lru = lru(20);
    put(lru, "a", "1", 10);
    put(lru, "b", "2", 10);
    put(lru, "c", "3", 20);
    assertThat(evicted).containsExactly("a=1", "b=2");
    assertThat(lru.bytes()).isEqualTo(20);
  }

  @Test
  void aGetIsAUse() {
    Lru<String> lru = lru(20);
    put(lru, "a", "1", 10);
    put(lru, "b", "2", 10);
    assertThat(lru.get("a")).isEqualTo("1");
    put(lru, "c", "3", 10);
    assertThat(evicted).containsExactly("b=2");
  }

  @Test
  void replacingAValueKeepsTheCountRight() {
    Lru<String> lru = lru(0);
    put(lru, "a", "1", 10);
    put(lru, "a", "22", 25);
    assertThat(lru.bytes()).isEqualTo(25);
    put(lru, "a", "1", 5);
    assertThat(lru.bytes()).isEqualTo(5);
    assertThat(lru.entries()).isEqualTo(1);
    assertThat(evicted).isEmpty();
  }

  @Test
  void growingAValueEvictsOthersAndNotItself() {
    Lru<String> lru = lru(20);
    put(lru, "a", "1", 5);
    put(lru, "b", "2", 10);
    put(lru, "a", "11", 15);
    assertThat(evicted).containsExactly("b=2");
    assertThat(lru.get("a")).isEqualTo("11");
  }

  @Test
  void zeroIsUnbounded() {
    Lru<String> lru = lru(0);
    put(lru, "a", "1", Integer.MAX_VALUE);
    put(lru, "b", "1", Integer.MAX_VALUE);
    assertThat(lru.entries()).isEqualTo(2);
  }

  @Test
  void anEntryOverTheBudgetIsNotStoredAndEvictsNobodyElse() {
    Lru<String> lru = lru(20);
    put(lru, "a", "1", 10);
    put(lru, "b", "2", 5);
    put(lru, "a", "huge", 21);
    assertThat(lru.get("a")).isNull();
    assertThat(lru.get("b")).isEqualTo("2");
    assertThat(lru.bytes()).isEqualTo(5);
    assertThat(evicted).isEmpty();
  }

  @Test
  void removalIsNotEviction() {
    Lru<String> lru = lru(20);
    put(lru, "a", "1", 10);
    lru.remove("a");
    lru.remove("never there");
    put(lru, "b", "2", 10);
    lru.clear();
    assertThat(lru.bytes()).isZero();
    assertThat(lru.entries()).isZero();
    assertThat(evicted).isEmpty();
  }

  @Test
  void refusesNegativeSizes() {
    assertThatThrownBy(() -> lru(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> put(lru(1), "a", "1", -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Any history leaves the same entries, in the same order, as a list that is searched. */
  @Test
  void agreesWithAModelOverRandomHistories() {
    Random random = new Random(20260101);
    Lru<String> lru = lru(100);
    Map<String, Long> model = new LinkedHashMap<>();
    for (int step = 0; step < 100_000; step++) {
      String key = "k" + random.nextInt(30);
      switch (random.nextInt(10)) {
        case 0 -> {
          lru.remove(key);
          model.remove(key);
        }
        case 1, 2, 3, 4 -> {
          int size = random.nextInt(40);
          put(lru, key, key, size);
          model.remove(key);
          model.put(key, (long) size);
          while (sum(model) > 100) {
            model.remove(model.keySet().iterator().next());
          }
        }
        default -> {
          assertThat(lru.get(key) != null).isEqualTo(model.containsKey(key));
          if (model.containsKey(key)) {
            model.put(key, model.remove(key));
          }
        }
      }
      assertThat(lru.bytes()).isEqualTo(sum(model));
      assertThat(lru.entries()).isEqualTo(model.size());
    }
  }

  private static long sum(Map<String, Long> model) {
    return model.values().stream().mapToLong(Long::longValue).sum();
  }
}
