package geecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import geecache.GroupBuilder.Store;
import geecache.cache.Cache;
import geecache.cache.CacheKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jol.info.GraphLayout;

/** Compares what a full store says it holds with what JOL finds from it, object by object. */
@Tag("alone")
class HeapSizeTest {
  /** With these, hash tables are nearly full or just doubled, and frequency sketches too. */
  private static final List<Integer> COUNTS = List.of(3_000, 3_150, 4_200);

  /** Stands for a codec, and for an object that it made. */
  private static final Long READER = 1L << 40;

  private enum Key {
    LATIN_1("%010d"),
    UTF_16("中%09d");

    private final String format;

    Key(String format) {
      this.format = format;
    }
  }

  private enum Kind {
    PLAIN,
    SET,
    TIMED,
    SET_TIMED,
    LOST,
    LOST_TIMED,
    LOST_SET,
    LOST_SET_TIMED,
    COPY,
    DECODED,
    ABSENT
  }

  static Stream<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (Store store : Store.values()) {
      for (Kind kind : List.of(Kind.PLAIN, Kind.TIMED, Kind.LOST, Kind.LOST_TIMED)) {
        for (int valueBytes : new int[] {0, 100, 1000}) {
          cases.add(Arguments.of(store, Key.LATIN_1, kind, valueBytes));
        }
        cases.add(Arguments.of(store, Key.UTF_16, kind, 100));
      }
      for (Kind kind : List.of(Kind.SET, Kind.SET_TIMED, Kind.LOST_SET, Kind.LOST_SET_TIMED)) {
        cases.add(Arguments.of(store, Key.LATIN_1, kind, 0)); // Where they weigh most.
      }
      cases.add(Arguments.of(store, Key.LATIN_1, Kind.ABSENT, 0));
      cases.add(Arguments.of(store, Key.UTF_16, Kind.ABSENT, 0));
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aFullStoreHoldsWhatItSays(Store store, Key key, Kind kind, int valueBytes) {
    for (int count : COUNTS) {
      int size = size(store, name(key, 0), entry(kind, valueBytes, 1000));
      Cache<Entry> cache = store(store, (long) size * count);
      for (int i = 1000; i < 1000 + count * 5 / 4; i++) {
        Entry entry = entry(kind, valueBytes, i);
        cache.compute(name(key, i), present -> entry);
      }
      assertThat(cache.entries()).isEqualTo(count);
      Queue<String> lost = new ConcurrentLinkedQueue<>(); // As in OwnershipLimits.
      if (entry(kind, valueBytes, 0) instanceof Entry.Demoted) {
        lost.addAll(cache.hottest().keySet());
      }
      long found = GraphLayout.parseInstance(cache, lost).totalSize();
      assertThat(cache.bytes()).as("%d entries", count).isCloseTo(found, withinPercentage(3));
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void anEntryTakesWhatItSays(Kind kind) {
    for (Key key : Key.values()) {
      String name = name(key, 1);
      Entry entry = entry(kind, 100, 1);
      long found = GraphLayout.parseInstance(name, entry).totalSize();
      long inQueue = entry instanceof Entry.Demoted ? 24 : 0; // As in OwnershipLimits.
      assertThat(HeapSize.of(name, entry, 0)).as(name).isEqualTo((int) (found + inQueue));
    }
  }

  /** The entry included, so that it is known what a value costs beside key and bytes. */
  @Test
  void theValueStoreTakesAtMost92BytesBesideKeyAndValueOr112WithTimes() {
    assertThat(overhead(Kind.PLAIN)).isLessThanOrEqualTo(92);
    assertThat(overhead(Kind.TIMED)).isLessThanOrEqualTo(112);
  }

  private static double overhead(Kind kind) {
    double most = 0;
    for (int count : COUNTS) {
      Cache<Entry> cache = store(Store.VALUE, 0);
      for (int i = 0; i < count; i++) {
        Entry entry = entry(kind, 100, i);
        cache.compute(name(Key.LATIN_1, i), present -> entry);
      }
      long keyAndValue = GraphLayout.parseInstance(name(Key.LATIN_1, 1)).totalSize();
      keyAndValue += GraphLayout.parseInstance(ByteView.of(new byte[100])).totalSize();
      long found = GraphLayout.parseInstance(cache).totalSize();
      most = Math.max(most, (double) found / count - keyAndValue);
    }
    return most;
  }

  private static String name(Key key, int number) {
    return key.format.formatted(number);
  }

  private static Entry entry(Kind kind, int valueBytes, int number) {
    return switch (kind) {
      case PLAIN -> new Entry.Plain(ByteView.of(new byte[valueBytes]), 1);
      case SET -> Entry.plain(ByteView.of(new byte[valueBytes]), 1, set(number));
      case TIMED -> timed(valueBytes, null);
      case SET_TIMED -> timed(valueBytes, set(number));
      case LOST -> entry(Kind.PLAIN, valueBytes, number).cappedAt(1, 0);
      case LOST_TIMED -> entry(Kind.TIMED, valueBytes, number).cappedAt(1, 0);
      case LOST_SET -> entry(Kind.SET, valueBytes, number).cappedAt(1, 0);
      case LOST_SET_TIMED -> entry(Kind.SET_TIMED, valueBytes, number).cappedAt(1, 0);
      case COPY -> new Entry.Copy(ByteView.of(new byte[valueBytes]), 1, 1, 1, 1, true, null);
      case DECODED ->
          new Entry.Plain(ByteView.of(new byte[valueBytes]), 1)
              .marked(Marks.decoded(null, new Decoded(READER, READER, 24))); // Of 24 bytes, once.
      case ABSENT -> new Entry.Timed(null, 1, 1, 1, 1, 1, Marks.absent("no such row: " + number));
    };
  }

  private static Entry timed(int valueBytes, @Nullable Marks marks) {
    return new Entry.Timed(ByteView.of(new byte[valueBytes]), 1, 1, 1, 1, 1, marks);
  }

  private static Marks set(int number) {
    return Marks.set(new Stamp(number, 1));
  }

  private static Cache<Entry> store(Store store, long maxBytes) {
    return kind(store).make(maxBytes, (k, e) -> size(store, k, e), (k, e) -> {});
  }

  private static int size(Store store, String key, Entry entry) {
    return HeapSize.of(key, entry, kind(store).entryOverhead());
  }

  private static CacheKind kind(Store store) {
    return CacheKind.valueOf(store.name());
  }
}
