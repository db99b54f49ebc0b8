package geecache;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.GroupBuilder.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a load costs: the time that all callers waited for it together, or that it took itself. */
class WaitedTimeTest {
  private static final long NODE = 7;
  private static final Duration LOAD = Duration.ofMillis(10);

  /** Enough loads of each kind to tell what they cost. */
  private static final int LOADS = 65;

  private final FakeTicker ticker = new FakeTicker();
  private final Geecache node = new Geecache(ticker, 1);
  private final GatedGetter source = new GatedGetter();
  private final Group group =
      node.group("scores").store(Store.VALUE).maxBytes(1 << 20).register(source);

  private final WaiterLimit limit = new WaiterLimit("scores", 100, 100);
  private final Flight flight = new Flight("scores", "Tom", 0, false, false);

  @AfterEach
  void close() {
    node.close();
  }

  private void take(int callers, long now) throws Exception {
    limit.enter(false);
    flight.takeSeat(false, callers, now);
  }

  private void leave(int callers, long now) {
    flight.leaveSeat(false, callers, now, limit);
  }

  @Test
  void theWaitsOfAllCallersAreAddedUp() throws Exception {
    take(1, 10);
    take(1, 15);
    assertThat(flight.waited(20)).isEqualTo(15);
  }

  @Test
  void callersWhoGaveUpHaveWaitedUntilThen() throws Exception {
    take(1, 10);
    take(1, 12);
    leave(1, 15);
    assertThat(flight.waited(20)).isEqualTo(8 + 5);
    leave(1, 20);
    assertThat(flight.waited(100)).isEqualTo(8 + 5);
  }

  @Test
  void aSeatIsForAllCallersOfANode() throws Exception {
    take(3, 10);
    assertThat(flight.waited(20)).isEqualTo(30);
    flight.add(2, 20);
    assertThat(flight.waited(21)).isEqualTo(35);
    leave(5, 22);
    assertThat(flight.waited(30)).isEqualTo(40);
  }

  @Test
  void theClockMayOverflowMeanwhile() throws Exception {
    take(2, Long.MAX_VALUE - 5);
    take(1, Long.MIN_VALUE + 4);
    assertThat(flight.waited(Long.MIN_VALUE + 14)).isEqualTo(2 * 20 + 10);
  }

  @Test
  void noCallerWaitsForARefresh() {
    assertThat(flight.waited(1_000)).isZero();
  }

  /** Loads {@code key}, for which these gets wait from its beginning on. */
  private void load(List<CompletableFuture<?>> gets) throws Exception {
    GatedGetter.Call call = source.next();
    ticker.advance(LOAD);
    call.answer("630");
    for (CompletableFuture<?> get : gets) {
      result(get);
    }
  }

  private void load(String key, int callers) throws Exception {
    List<CompletableFuture<?>> gets = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      gets.add(group.getAsync(key));
    }
    load(gets);
  }

  private static LocalGroup.Asker node(int callers) {
    return new LocalGroup.Asker(NODE, null, callers, 0);
  }

  private void loadForNode(String key, int callers) throws Exception {
    load(List.of(group.engine.get(key, node(callers))));
  }

  /** The keys with this beginning are worth more than all others, if asked for as often. */
  private void assertWorthMore(String awaited) throws Exception {
    assertWorthMore(group, awaited);
  }

  private static void assertWorthMore(Group group, String awaited) throws Exception {
    for (String key : group.engine.hottestKeys()) {
      group.get(key);
    }
    List<String> keys = group.engine.hottestKeys();
    assertThat(keys).hasSize(2 * LOADS);
    assertThat(keys.subList(0, LOADS)).allMatch(key -> key.startsWith(awaited));
  }

  @Test
  void aValueForWhichManyCallersWaitIsWorthMore() throws Exception {
    for (int i = 100; i < 100 + LOADS; i++) {
      load("crowd " + i, 3);
      load("alone " + i, 1);
    }
    assertWorthMore("crowd");
  }

  @Test
  void callersWhoGiveUpHaveNotWaitedForIt() throws Exception {
    for (int i = 100; i < 100 + LOADS; i++) {
      load("crowd " + i, 3);
      CompletableFuture<ByteView> patient = group.getAsync("alone " + i);
      group.getAsync("alone " + i).cancel(false);
      group.getAsync("alone " + i).cancel(false);
      load(List.of(patient));
    }
    assertWorthMore("crowd");
  }

  @Test
  void soIsOneForWhichManyCallersOfAnotherNodeWait() throws Exception {
    for (int i = 100; i < 100 + LOADS; i++) {
      loadForNode("crowd " + i, 3);
      loadForNode("alone " + i, 1);
    }
    assertWorthMore("crowd");
  }

  /** It says how many there are each time that it asks. */
  @Test
  void callersOfANodeThatIsToldToAskAgainCountFromThenOn() throws Exception {
    for (int i = 100; i < 100 + LOADS; i++) {
      String key = "crowd " + i;
      CompletableFuture<CachedValue> get = group.engine.get(key, node(1));
      group.engine.hold(key, NODE, get);
      GatedGetter.Call call = source.next();
      ticker.advance(LOAD.dividedBy(2));
      assertThat(group.engine.get(key, node(9))).isSameAs(get);
      ticker.advance(LOAD.dividedBy(2));
      call.answer("630");
      result(get);
      loadForNode("group " + i, 3);
    }
    assertWorthMore("crowd");
  }

  @Test
  void aStrangerCountsAsOneCaller() throws Exception {
    for (int i = 100; i < 100 + LOADS; i++) {
      load("crowd " + i, 2);
      load(List.of(group.engine.getHereForGuest("alone " + i, node(3))));
    }
    assertWorthMore("crowd");
  }

  @Test
  void aValueOfACallForManyKeysCostsItsShareOfTheCall() throws Exception {
    GatedBulkGetter many = new GatedBulkGetter();
    Group bulk =
        node.group("bulk").store(Store.VALUE).maxBytes(1 << 20).maxLoads(1).registerBulk(many);
    for (int i = 100; i < 100 + LOADS; i += 5) {
      List<CompletableFuture<?>> together = new ArrayList<>();
      for (int key = i; key < i + 5; key++) {
        CompletableFuture<ByteView> alone = bulk.getAsync("alone " + key);
        GatedBulkGetter.Call call = many.next();
        ticker.advance(LOAD);
        if (key == i + 4) { // The only place is taken: all of them wait for the next call.
          for (int share = i; share < i + 5; share++) {
            together.add(bulk.getAsync("share " + share));
          }
        }
        call.answerAll("630");
        result(alone);
      }
      GatedBulkGetter.Call call = many.next();
      assertThat(call.keys()).hasSize(5);
      ticker.advance(LOAD);
      call.answerAll("630");
      for (CompletableFuture<?> share : together) {
        result(share);
      }
    }
    assertWorthMore(bulk, "alone");
  }
}
