package geecache;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.GroupBuilder.Store;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Removal wins over copies, and over what peers were asked for before. */
class CopyRemovalTest extends PopularKeys {

  @ParameterizedTest
  @EnumSource(RemovalTest.Removal.class)
  void aCopyNeverSurvivesRemoval(RemovalTest.Removal removal) throws Exception {
    for (Store store : Store.values()) {
      try (Geecache other = new Geecache(ticker, 1)) {
        other.registerPeers(new FakePeers(owner));
        Group group = other.group("g").store(store).register(source);
        copy(group, "Tom", endless("old"));
        removal.accept(group);
        assertThat(group.stats().entries()).isZero();
        assertAsksThePeer(group, "Tom");
      }
    }
  }

  /** The peer is asked; removal returns; the peer's answer, from before, arrives. */
  @ParameterizedTest
  @EnumSource(RemovalTest.Removal.class)
  void aRemovalDuringAFetchIsNotUndone(RemovalTest.Removal removal) throws Exception {
    for (Store store : Store.values()) {
      try (Geecache other = new Geecache(ticker, 1)) {
        other.registerPeers(new FakePeers(owner));
        Group group = other.group("g").store(store).register(source);
        makePopular(group, "Tom");
        CompletableFuture<CachedValue> earlier = group.answer("Tom");
        GatedPeer.Question question = owner.next();
        removal.accept(group);
        question.answer("old");
        assertThat(result(earlier).value()).as("an earlier waiter may see it").hasToString("old");
        assertThat(result(earlier).stored()).isFalse();
        assertAsksThePeer(group, "Tom");
        assertThat(group.get("Tom")).hasToString("new");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(RemovalTest.Removal.class)
  void aGetAfterARemovalDoesNotJoinTheFetchUnderWay(RemovalTest.Removal removal) throws Exception {
    Group group = builder.register(source);
    makePopular(group, "Tom");
    CompletableFuture<ByteView> earlier = group.getAsync("Tom");
    GatedPeer.Question old = owner.next();
    removal.accept(group);
    CompletableFuture<ByteView> later = group.getAsync("Tom");
    GatedPeer.Question fresh = owner.next();
    old.answer("old");
    assertThat(result(earlier)).hasToString("old");
    assertThat(later).isNotDone();
    CompletableFuture<ByteView> joined = group.getAsync("Tom");
    assertThat(group.stats().fetchesDeduplicated())
        .as("the old fetch's end does not detach the new one")
        .isEqualTo(1);
    fresh.answer("new");
    assertThat(result(later)).hasToString("new");
    assertThat(result(joined)).hasToString("new");
    assertThat(group.get("Tom")).hasToString("new");
  }

  /** The new fetch makes a copy first, the old one ends after it. */
  @ParameterizedTest
  @EnumSource(RemovalTest.Removal.class)
  void theOldFetchDoesNotOverwriteTheCopyOfTheNewOne(RemovalTest.Removal removal) throws Exception {
    Group group = builder.register(source);
    makePopular(group, "Tom");
    CompletableFuture<ByteView> earlier = group.getAsync("Tom");
    GatedPeer.Question old = owner.next();
    removal.accept(group);
    fetch(group, "Tom", endless("new"));
    old.answer("old");
    result(earlier);
    assertThat(group.get("Tom")).hasToString("new");
  }

  @Test
  void aRemovalOfOneKeyLeavesTheFetchesOfOthersAlone() throws Exception {
    Group group = builder.register(source);
    CompletableFuture<ByteView> get = group.getAsync("Tom");
    group.remove("Sam");
    CompletableFuture<ByteView> joined = group.getAsync("Tom");
    owner.next().answer("630");
    result(get);
    result(joined);
    assertThat(owner.keys()).hasSize(1);
  }

  @Test
  void whatIsSetDuringAFetchIsNotHiddenByACopy() throws Exception {
    Group group = builder.register(source);
    makePopular(group, "Tom");
    CompletableFuture<ByteView> earlier = group.getAsync("Tom");
    GatedPeer.Question question = owner.next();
    group.setAsync("Tom", ByteView.of("set"), null);
    question.answer("old");
    result(earlier);
    assertThat(group.get("Tom")).hasToString("set");
    assertThat(group.stats().hotEntries()).isZero();
    assertThat(group.stats().entries()).isEqualTo(1);
  }

  /** A fetch in vain; a removal; the load that follows began after it, and is kept. */
  @Test
  void whatIsLoadedAfterAFetchThatARemovalDetachedIsKept() throws Exception {
    Group group = builder.register(source);
    CompletableFuture<ByteView> get = group.getAsync("Tom");
    GatedPeer.Question question = owner.next();
    group.remove("Tom");
    question.fail(new IOException("reset"));
    source.next().answer("630");
    assertThat(result(get)).hasToString("630");
    assertThat(group.get("Tom")).hasToString("630");
  }
}
