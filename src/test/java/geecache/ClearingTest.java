package geecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Replays the races that {@link Fences} lists, step by step. */
class ClearingTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Stamp EARLIER = new Stamp(7, 1);
  private static final Stamp STAMP = new Stamp(10, 1);
  private static final Stamp LATER = new Stamp(11, 1);

  private final FencedStore store =
      new FencedStore(BareSettings.of(SECOND, SECOND, 1, 1), new FakeTicker(), (key, entry) -> {});

  private static Entry entry(long fence, Stamp stamp) {
    return Entry.plain(ByteView.of("set"), fence, Marks.set(stamp));
  }

  private void set(Stamp stamp) {
    store.set("Tom", stamp, fence -> entry(fence, stamp));
  }

  /** As it does with a value that is being stored just then. */
  @Test
  void whatAClearingMissesIsNotSeen() {
    set(STAMP);
    store.fenceAll(LATER);
    assertThat(store.find("Tom")).isNull();
    assertThat(store.cache().get("Tom")).isNotNull();
  }

  @Test
  void whatWasSetLaterIsInSightAllThroughAClearing() {
    set(STAMP);
    store.fences().noteClearing(EARLIER);
    assertThat(store.find("Tom")).isNotNull();
    store.fenceAll(EARLIER);
    assertThat(store.find("Tom")).isNotNull();
    store.sweep(EARLIER);
    assertThat(store.find("Tom")).isNotNull();
  }

  /** The set raises its fence, and finds no clearing; that comes; the set stores. */
  @Test
  void aSetThatAClearingOvertakesIsNotSeen() {
    store.set(
        "Tom",
        STAMP,
        fence -> {
          store.fenceAll(LATER);
          return entry(fence, STAMP);
        });
    assertThat(store.find("Tom")).isNull();
  }

  @Test
  void whatAClearingIsAboutToRemoveMayBeGoneEarly() {
    set(STAMP);
    store.fenceAll(EARLIER);
    store.fences().noteClearing(LATER);
    assertThat(store.find("Tom")).isNull();
    store.fenceAll(LATER);
    assertThat(store.find("Tom")).isNull();
  }
}
