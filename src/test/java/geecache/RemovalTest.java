package geecache;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A get begun after a removal returned never sees the old value. */
class RemovalTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final FakeTicker ticker = new FakeTicker();
  private final Geecache node = new Geecache(ticker, 0);
  private final GatedGetter source = new GatedGetter();

  /** What takes the old value away. */
  enum Removal {
    REMOVE(group -> group.remove("Tom")),
    REMOVE_ALL(group -> group.removeAll(List.of("Sam", "Tom"))),
    CLEAR(Group::clear);

    private interface Change {
      void make(Group group) throws CacheException;
    }

    private final Change change;

    Removal(Change change) {
      this.change = change;
    }

    void accept(Group group) throws CacheException {
      change.make(group);
    }
  }

  @AfterEach
  void close() {
    node.close();
  }

  private Group group(GroupBuilder.Store store) {
    return node.group("scores")
        .store(store)
        .timeToLive(Duration.ofSeconds(10))
        .refreshAhead(Duration.ofSeconds(5))
        .staleIfError(Duration.ofSeconds(100))
        .register(source);
  }

  private Group group() {
    return group(GroupBuilder.Store.CAFFEINE);
  }

  private void load(Group group, String value) throws Exception {
    CompletableFuture<ByteView> get = group.getAsync("Tom");
    source.next().answer(value);
    result(get);
  }

  /** Asks, expects that this asks the source, and answers that. */
  private void assertAsksTheSource(Group group) throws Exception {
    CompletableFuture<ByteView> get = group.getAsync("Tom");
    assertThat(get).isNotDone();
    source.next().answer("new");
    assertThat(result(get)).hasToString("new");
    assertThat(group.get("Tom")).hasToString("new");
  }

  @ParameterizedTest
  @EnumSource(Removal.class)
  void whatIsRemovedIsLoadedAgain(Removal removal) throws Exception {
    for (GroupBuilder.Store store : GroupBuilder.Store.values()) {
      try (Geecache other = new Geecache(ticker, 0)) {
        Group group = other.group("g").store(store).register(source);
        load(group, "old");
        removal.accept(group);
        assertAsksTheSource(group);
      }
    }
  }

  /** Load reads the source; removal returns; load stores. */
  @ParameterizedTest
  @EnumSource(Removal.class)
  void removeDuringLoadDoesNotRepopulate(Removal removal) throws Exception {
    Group group = group();
    CompletableFuture<ByteView> earlier = group.getAsync("Tom");
    GatedGetter.Call load = source.next();
    removal.accept(group);
    load.answer("old");
    assertThat(result(earlier)).as("an earlier waiter may see it").hasToString("old");
    assertAsksTheSource(group);
  }

  @ParameterizedTest
  @EnumSource(Removal.class)
  void getAfterRemoveDoesNotJoinOldFlight(Removal removal) throws Exception {
    Group group = group();
    CompletableFuture<ByteView> earlier = group.getAsync("Tom");
    GatedGetter.Call old = source.next();
    removal.accept(group);
    CompletableFuture<ByteView> later = group.getAsync("Tom");
    GatedGetter.Call fresh = source.next();
    old.answer("old");
    assertThat(result(earlier)).hasToString("old");
    assertThat(later).isNotDone();
    fresh.answer("new");
    assertThat(result(later)).hasToString("new");
    assertThat(group.get("Tom")).hasToString("new");
  }

  /** The new flight stores first, the old one after it. */
  @ParameterizedTest
  @EnumSource(Removal.class)
  void theOldFlightDoesNotOverwriteTheNewOne(Removal removal) throws Exception {
    Group group = group();
    CompletableFuture<ByteView> earlier = group.getAsync("Tom");
    GatedGetter.Call old = source.next();
    removal.accept(group);
    load(group, "new");
    old.answer("old");
    result(earlier);
    assertThat(group.get("Tom")).hasToString("new");
  }

  /** The old flight ends while the new one runs: the new one stays in the table. */
  @Test
  void theOldFlightsEndDoesNotDetachTheNewOne() throws Exception {
    Group group = group();
    CompletableFuture<ByteView> earlier = group.getAsync("Tom");
    GatedGetter.Call old = source.next();
    group.remove("Tom");
    CompletableFuture<ByteView> later = group.getAsync("Tom");
    GatedGetter.Call fresh = source.next();
    old.answer("old");
    result(earlier);
    CompletableFuture<ByteView> joined = group.getAsync("Tom");
    assertThat(group.stats().loadsDeduplicated()).isEqualTo(1);
    fresh.answer("new");
    assertThat(result(later)).hasToString("new");
    assertThat(result(joined)).hasToString("new");
  }

  @Test
  void setDuringLoadIsNotOverwritten() throws Exception {
    Group group = group();
    CompletableFuture<ByteView> earlier = group.getAsync("Tom");
    GatedGetter.Call load = source.next();
    group.set("Tom", ByteView.of("set"), null);
    assertThat(group.get("Tom")).hasToString("set");
    load.answer("old");
    result(earlier);
    assertThat(group.get("Tom")).hasToString("set");
    assertThat(source.keys()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(Removal.class)
  void removeDuringRefreshDoesNotRepopulate(Removal removal) throws Exception {
    Group group = group();
    load(group, "old");
    ticker.advance(Duration.ofSeconds(6));
    assertThat(group.get("Tom")).hasToString("old");
    GatedGetter.Call refresh = source.next();
    removal.accept(group);
    CompletableFuture<ByteView> later = group.getAsync("Tom");
    GatedGetter.Call fresh = source.next();
    refresh.answer("old");
    fresh.answer("new");
    assertThat(result(later)).hasToString("new");
    assertThat(group.get("Tom")).hasToString("new");
  }

  @Test
  void setDuringRefreshIsNotOverwritten() throws Exception {
    Group group = group();
    load(group, "old");
    ticker.advance(Duration.ofSeconds(6));
    group.get("Tom");
    GatedGetter.Call refresh = source.next();
    CompletableFuture<ByteView> waitsForTheRefresh = whenExpired(group);
    group.set("Tom", ByteView.of("set"), null);
    refresh.answer("old");
    result(waitsForTheRefresh);
    assertThat(group.get("Tom")).hasToString("set");
  }

  private CompletableFuture<ByteView> whenExpired(Group group) {
    ticker.advance(Duration.ofSeconds(5));
    return group.getAsync("Tom");
  }

  /** Expired; a load begins; removal; the load fails: the old value may not stand in for it. */
  @ParameterizedTest
  @EnumSource(Removal.class)
  void removeVoidsStaleFallback(Removal removal) throws Exception {
    Group group = group();
    load(group, "old");
    ticker.advance(Duration.ofSeconds(11));
    CompletableFuture<ByteView> get = group.getAsync("Tom");
    GatedGetter.Call load = source.next();
    removal.accept(group);
    load.fail(new IOException("down"));
    assertThatThrownBy(() -> result(get)).isInstanceOf(LoadException.class);
  }

  @Test
  void setReplacesTheStaleFallback() throws Exception {
    Group group = group();
    load(group, "old");
    ticker.advance(Duration.ofSeconds(11));
    CompletableFuture<ByteView> get = group.getAsync("Tom");
    GatedGetter.Call load = source.next();
    group.set("Tom", ByteView.of("set"), null);
    load.fail(new IOException("down"));
    assertThat(result(get)).hasToString("set");
    assertThat(group.stats().staleServed()).isZero();
  }

  @Test
  void anAbsenceLoadedBeforeARemovalIsNotKept() throws Exception {
    Group group = node.group("absent").absentTimeToLive(Duration.ofSeconds(10)).register(source);
    CompletableFuture<ByteView> earlier = group.getAsync("Tom");
    GatedGetter.Call load = source.next();
    group.remove("Tom");
    load.fail(new KeyNotFoundException("none"));
    assertThatThrownBy(() -> result(earlier)).isInstanceOf(KeyNotFoundException.class);
    assertAsksTheSource(group);
  }

  /** As one does that Caffeine's clear has missed, since it was being stored just then. */
  @Test
  void anEntryOlderThanTheLastClearIsNotSeen() {
    FencedStore store =
        new FencedStore(BareSettings.of(SECOND, SECOND, 1, 1), ticker, (key, entry) -> {});
    Fences fences = store.fences();
    long before = fences.current();
    fences.raiseAll(new Stamp(1, 1));
    store.cache().compute("Tom", present -> new Entry.Plain(ByteView.of("old"), before));
    assertThat(store.find("Tom")).isNull();
    store.cache().compute("Tom", present -> new Entry.Plain(ByteView.of("new"), fences.current()));
    assertThat(store.find("Tom")).isNotNull();
  }

  @Test
  void removingOneKeyLeavesTheOthersAlone() throws Exception {
    Group group = group();
    load(group, "old");
    for (int i = 0; i < 10_000; i++) {
      group.remove("other" + i);
    }
    assertThat(group.get("Tom")).hasToString("old");
  }

  @Test
  void badKeysAreRefusedAndNothingIsRemoved() throws Exception {
    Group group = group();
    load(group, "old");
    assertThatThrownBy(() -> group.remove("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> group.removeAll(List.of("Tom", "")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(group.get("Tom")).hasToString("old");
  }

  @Test
  void aSetValueOverTheLimitIsRefused() {
    Group group = node.group("small").maxValueBytes(3).register(source);
    assertThatThrownBy(() -> group.set("Tom", ByteView.of("1234"), null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("value is too large: 4 bytes, at most 3");
  }
}
