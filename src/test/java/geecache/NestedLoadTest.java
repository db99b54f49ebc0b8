package geecache;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Getters that get other keys. */
class NestedLoadTest {
  private final Geecache node = new Geecache(Ticker.system(), 1);
  private final Callers callers = new Callers();

  @AfterEach
  void close() {
    node.close();
    callers.close();
  }

  @Test
  void aPoolOfOneThreadSufficesForADeepChain() throws Exception {
    Group[] group = {null};
    group[0] =
        node.group("chain")
            .maxLoads(1)
            .maxWaitingLoads(0)
            .register(
                key -> {
                  int n = Integer.parseInt(key);
                  return n == 0
                      ? "0".getBytes(UTF_8)
                      : (group[0].get("" + (n - 1)) + "," + n).getBytes(UTF_8);
                });
    assertThat(group[0].get("49").toString()).startsWith("0,1,2,").endsWith(",48,49");
    assertThat(group[0].stats().loads()).isEqualTo(50);
    assertThat(group[0].get("49").toString()).endsWith("49");
  }

  /** Without a bound it would overflow the stack, in the getters or in between them. */
  @Test
  void aChainWithoutEndFailsAndLeavesNothingBehind() {
    Group[] group = {null};
    group[0] =
        node.group("chain")
            .maxLoads(1)
            .register(key -> group[0].get("" + (Integer.parseInt(key) + 1)).toByteArray());
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> group[0].get("0"))
          .isInstanceOf(LoadException.class)
          .hasMessage("load chain too deep: chain/50 is asked for by a chain of 50 getters");
      assertThat(group[0].stats().loads()).isEqualTo(100 * i + 50);
      assertThatThrownBy(() -> group[0].get("40"))
          .hasMessage("load chain too deep: chain/90 is asked for by a chain of 50 getters");
      assertThat(group[0].stats().loads()).isEqualTo(100 * i + 100);
    }
  }

  @Test
  void allWaysOfGettingNest() throws Exception {
    Group inner = node.newGroup("inner", 1 << 20, key -> key.getBytes(UTF_8));
    Group outer =
        node.newGroup(
            "outer",
            1 << 20,
            key ->
                (inner.get("a")
                        + " "
                        + inner.getAsync("b").get()
                        + " "
                        + inner.getAll(List.of("a", "c")))
                    .getBytes(UTF_8));
    assertThat(outer.get("x")).hasToString("a b {a=a, c=c}");
  }

  /** The only thread runs a, whose getter wants b; b waits for that thread. */
  @Test
  void aLoadThatWaitsForAThreadIsRunByTheGetterThatNeedsIt() throws Exception {
    CountDownLatch queued = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(1);
    Group[] group = {null};
    group[0] =
        node.group("g")
            .register(
                key -> {
                  if (key.equals("a")) {
                    running.countDown();
                    queued.await();
                    return group[0].get("b").toByteArray();
                  }
                  return "630".getBytes(UTF_8);
                });
    CompletableFuture<ByteView> a = callers.call(() -> group[0].get("a"));
    running.await();
    CompletableFuture<ByteView> b = group[0].getAsync("b");
    queued.countDown();
    assertThat(result(a)).hasToString("630");
    assertThat(result(b)).hasToString("630");
    assertThat(group[0].stats().loads()).isEqualTo(2);
  }

  @Test
  void aCircleOnOneThreadFailsAtOnceAndIsNamed() {
    Group[] group = {null};
    group[0] =
        node.newGroup(
            "g",
            1 << 20,
            key -> group[0].get(key.equals("a") ? "b" : key.equals("b") ? "c" : "a").toByteArray());
    assertThatThrownBy(() -> group[0].get("a"))
        .isInstanceOf(LoadException.class)
        .hasMessage("load cycle: g/a -> g/b -> g/c -> g/a");
    assertThatThrownBy(() -> group[0].get("b")).hasMessage("load cycle: g/b -> g/c -> g/a -> g/b");
  }

  @Test
  void aKeyThatNeedsItselfIsACircle() {
    Group[] group = {null};
    group[0] = node.newGroup("g", 1 << 20, key -> group[0].get(key).toByteArray());
    assertThatThrownBy(() -> group[0].get("a")).hasMessage("load cycle: g/a -> g/a");
  }

  /** Both have begun before either wants the other's key. */
  @Test
  void aCircleOverTwoThreadsFailsAtOnce() throws Exception {
    try (Geecache two = new Geecache(Ticker.system(), 2)) {
      CyclicBarrier bothBegun = new CyclicBarrier(2);
      Group[] group = {null};
      group[0] =
          two.newGroup(
              "g",
              1 << 20,
              key -> {
                bothBegun.await();
                return group[0].get(key.equals("a") ? "b" : "a").toByteArray();
              });
      CompletableFuture<ByteView> a = group[0].getAsync("a");
      CompletableFuture<ByteView> b = group[0].getAsync("b");
      for (CompletableFuture<ByteView> get : List.of(a, b)) {
        assertThatThrownBy(() -> result(get))
            .isInstanceOf(LoadException.class)
            .hasMessageMatching("load cycle: g/(a -> g/b -> g/a|b -> g/a -> g/b)");
      }
    }
  }

  @Test
  void aFailedInnerLoadFailsTheOuterOneByItsOwnMessage() {
    Group inner =
        node.newGroup(
            "inner",
            1 << 20,
            key -> {
              throw new LoadException("inner is down");
            });
    Group outer = node.newGroup("outer", 1 << 20, key -> inner.get(key).toByteArray());
    assertThatThrownBy(() -> outer.get("a")).hasMessage("inner is down");
  }
}
