package geecache;

import static geecache.Callers.result;
import static geecache.GatedBulkGetter.valued;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.BulkGetter.Answer;
import geecache.GatedBulkGetter.Call;
import geecache.codec.Codec;
import geecache.codec.KeyCodec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Level;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which loads share a call of a getter that loads many keys, and what comes of each. */
@Timeout(120)
class BulkGetterTest {
  private final Geecache node = new Geecache();
  private final GatedBulkGetter source = new GatedBulkGetter();

  @AfterEach
  void close() {
    node.close();
  }

  private GroupBuilder described() {
    return node.group("g").maxLoads(1);
  }

  /** Has a call under way, for a key of its own. */
  private Call hold(Group group) throws InterruptedException {
    var unused = group.getAsync("held");
    Call held = source.next();
    assertThat(held.keys()).containsExactly("held");
    return held;
  }

  private static List<CompletableFuture<ByteView>> getAll(Group group, String... keys) {
    List<CompletableFuture<ByteView>> gets = new ArrayList<>();
    for (String key : keys) {
      gets.add(group.getAsync(key));
    }
    return gets;
  }

  private static String[] keys(int count) {
    return IntStream.range(0, count).mapToObj(i -> "k" + i).toArray(String[]::new);
  }

  @Test
  void aLoadThatIsAloneIsCalledForAtOnce() throws Exception {
    Group group = described().registerBulk(source);
    CompletableFuture<ByteView> value = group.getAsync("a");
    source.next().answerAll("1");
    assertThat(result(value)).hasToString("1");
  }

  @Test
  void loadsThatComeMeanwhileShareTheNextCall() throws Exception {
    Group group = described().registerBulk(source);
    Call held = hold(group);
    List<CompletableFuture<ByteView>> waiting = getAll(group, "a", "b", "c", "b");
    assertThat(group.stats().loadsWaiting()).isEqualTo(3);
    held.answerAll("0");
    Call together = source.next();
    assertThat(together.keys()).containsExactlyInAnyOrder("a", "b", "c");
    together.answerAll("1");
    for (CompletableFuture<ByteView> value : waiting) {
      assertThat(result(value)).hasToString("1");
    }
    assertThat(group.stats().loads()).isEqualTo(4);
    assertThat(source.hasMore()).isFalse();
  }

  @Test
  void loadsThatWaitForACallHoldNoThread() throws Exception {
    Group group = node.group("g").registerBulk(source);
    List<CompletableFuture<ByteView>> all = new ArrayList<>();
    List<Call> held = new ArrayList<>();
    for (int i = 0; i < BulkGetter.DEFAULT_CALLS; i++) {
      all.add(group.getAsync("held" + i));
      held.add(source.next());
    }
    all.addAll(getAll(group, keys(50)));
    assertThat(group.stats().loadsWaiting()).isEqualTo(50);
    assertThat(node.local().loaderThreads()).isEqualTo(BulkGetter.DEFAULT_CALLS);
    held.forEach(call -> call.answerAll("0"));
    for (int left = 50; left > 0; ) {
      Call next = source.next();
      left -= next.keys().size();
      next.answerAll("1");
    }
    for (CompletableFuture<ByteView> get : all) {
      result(get);
    }
  }

  @Test
  void aCallHasNoMoreKeysThanTheGroupOrTheGetterAllow() throws Exception {
    Group group = described().maxBatch(20).registerBulk(source);
    Call held = hold(group);
    List<CompletableFuture<ByteView>> waiting = getAll(group, keys(50));
    held.answerAll("0");
    for (int expected : new int[] {20, 20, 10}) {
      Call next = source.next();
      assertThat(next.keys()).hasSize(expected);
      next.answerAll("1");
    }
    for (CompletableFuture<ByteView> get : waiting) {
      result(get);
    }
  }

  /** Such as of another group, which the getter asked. Each key is asked for alone. */
  @Test
  void aKeyThatIsAbsentElsewhereMakesNoKeyOfTheCallAbsent() throws Exception {
    Group group = described().absentTimeToLive(Duration.ofHours(1)).registerBulk(source);
    Call held = hold(group);
    List<CompletableFuture<ByteView>> waiting = getAll(group, "a", "b");
    held.answerAll("0");
    source.next().fail(new KeyNotFoundException("no such key: of another group"));
    for (int i = 0; i < 2; i++) {
      Call alone = source.next();
      assertThat(alone.keys()).hasSize(1);
      alone.answerAll("1");
    }
    for (CompletableFuture<ByteView> get : waiting) {
      assertThat(result(get)).hasToString("1");
    }
  }

  @Test
  void aRemovalVoidsTheLoadOfItsOwnKeyOnly() throws Exception {
    Group group = described().registerBulk(source);
    Call held = hold(group);
    List<CompletableFuture<ByteView>> before = getAll(group, "a", "b");
    held.answerAll("0");
    Call together = source.next();
    group.remove("a");
    CompletableFuture<ByteView> after = group.getAsync("a");
    together.answerAll("old");
    Call anew = source.next();
    assertThat(anew.keys()).containsExactly("a");
    anew.answerAll("new");
    assertThat(result(after)).hasToString("new");
    for (CompletableFuture<ByteView> get : before) {
      assertThat(result(get)).hasToString("old");
    }
    assertThat(group.get("a")).hasToString("new");
    assertThat(group.get("b")).hasToString("old");
    assertThat(source.hasMore()).isFalse();
  }

  @Test
  void twoLoadsOfAKeyThatWasRemovedBetweenThemShareACallThatIsLaterThanBoth() throws Exception {
    Group group = described().registerBulk(source);
    Call held = hold(group);
    CompletableFuture<ByteView> before = group.getAsync("a");
    group.remove("a");
    CompletableFuture<ByteView> after = group.getAsync("a");
    held.answerAll("0");
    Call together = source.next();
    assertThat(together.keys()).containsExactly("a");
    together.answerAll("1");
    assertThat(result(before)).hasToString("1");
    assertThat(result(after)).hasToString("1");
    assertThat(group.get("a")).hasToString("1");
    assertThat(source.hasMore()).isFalse();
  }

  @Test
  void aGetThatGaveUpIsNotCalledFor() throws Exception {
    Group group = described().registerBulk(source);
    Call held = hold(group);
    List<CompletableFuture<ByteView>> waiting = getAll(group, "a", "b");
    waiting.get(0).cancel(false);
    held.answerAll("0");
    Call next = source.next();
    assertThat(next.keys()).containsExactly("b");
    next.answerAll("1");
    assertThat(result(waiting.get(1))).hasToString("1");
    assertThat(group.stats().unwanted()).isEqualTo(1);
  }

  @Test
  void eachKeyHasAnOutcomeOfItsOwn() throws Exception {
    Group group = described().maxValueBytes(10).registerBulk(source);
    Call held = hold(group);
    List<CompletableFuture<ByteView>> gets = getAll(group, "a", "absent", "bad", "large", "named");
    held.answerAll("0");
    source
        .next()
        .answer(
            Map.of(
                "a", valued("1"),
                "bad", Answer.failed(new IOException("hidden")),
                "large", valued("more than ten bytes"),
                "named", Answer.failed(new LoadException("for clients")),
                "strange", valued("not asked for")));
    assertThat(result(gets.get(0))).hasToString("1");
    assertThatThrownBy(() -> result(gets.get(1)))
        .isInstanceOf(KeyNotFoundException.class)
        .hasMessage("no such key: absent");
    assertThatThrownBy(() -> result(gets.get(2)))
        .isInstanceOf(LoadException.class)
        .message()
        .matches("load failed: [0-9a-f]{8}");
    assertThatThrownBy(() -> result(gets.get(3))).hasMessageStartingWith("value is too large");
    assertThatThrownBy(() -> result(gets.get(4))).hasMessage("for clients");
    assertThat(group.stats().loads()).isEqualTo(6);
    assertThat(group.stats().loadFailures()).isEqualTo(3);
  }

  @Test
  void aCallThatFailsFailsAllItsKeysAndIsLoggedOnce() throws Exception {
    try (LogCapture log = new LogCapture("geecache.FailedLoads", Level.WARNING)) {
      Group group = described().registerBulk(source);
      Call held = hold(group);
      List<CompletableFuture<ByteView>> gets = getAll(group, "a", "b", "c");
      held.answerAll("0");
      source.next().fail(new IOException("down"));
      Set<String> messages = new java.util.HashSet<>();
      for (CompletableFuture<ByteView> get : gets) {
        assertThatThrownBy(() -> result(get))
            .isInstanceOf(LoadException.class)
            .satisfies(failure -> messages.add(failure.getMessage()));
      }
      assertThat(messages).hasSize(1);
      assertThat(log.messages()).singleElement().asString().contains("group g key a and 2 more");
    }
  }

  @Test
  void aKeyThatHasToBeAskedForAloneIsAndFailsAlone() throws Exception {
    Group group = described().registerBulk(source);
    Call held = hold(group);
    List<CompletableFuture<ByteView>> gets = getAll(group, "a", "strange", "bad");
    held.answerAll("0");
    source
        .next()
        .answer(Map.of("a", valued("1"), "strange", Answer.askAlone(), "bad", Answer.askAlone()));
    assertThat(result(gets.get(0))).hasToString("1");
    for (int i = 0; i < 2; i++) {
      Call alone = source.next();
      assertThat(alone.keys()).hasSize(1);
      alone.answer(
          alone.keys().contains("bad")
              ? Map.of("bad", Answer.askAlone())
              : Map.of("strange", valued("2")));
    }
    assertThat(result(gets.get(1))).hasToString("2");
    assertThatThrownBy(() -> result(gets.get(2))).isInstanceOf(LoadException.class);
    assertThat(group.stats().loads()).isEqualTo(4);
  }

  @Test
  void theTimeOfACallIsOverForAllItsKeys() throws Exception {
    HandTimer timer = new HandTimer();
    try (Geecache steered = SteeredNode.of(timer)) {
      Duration time = Duration.ofSeconds(1);
      Group group = steered.group("g").maxLoads(1).loadTimeout(time).registerBulk(source);
      hold(group).answerAll("0");
      Call held = hold2(group);
      List<CompletableFuture<ByteView>> gets = getAll(group, "a", "b");
      held.answerAll("0");
      source.next(); // It is never answered, but interrupted.
      timer.fire(time);
      for (CompletableFuture<ByteView> get : gets) {
        assertThatThrownBy(() -> result(get))
            .isInstanceOf(LoadTimeoutException.class)
            .hasMessageContaining("ran out of time after 1000 ms");
      }
      await().until(() -> group.stats().loadsRunning() == 0);
      CompletableFuture<ByteView> anew = group.getAsync("a");
      source.next().answerAll("1");
      assertThat(result(anew)).hasToString("1");
    }
  }

  private Call hold2(Group group) throws InterruptedException {
    var unused = group.getAsync("held too");
    return source.next();
  }

  /** It would wait for itself until its time was over. */
  @Test
  void aGetterThatGetsAKeyOfItsOwnCallFailsAtOnce() throws Exception {
    Group[] group = {null};
    Call[] held = {null};
    group[0] =
        described()
            .registerBulk(
                keys -> {
                  if (keys.contains("held")) {
                    source.loadAll(keys);
                  } else {
                    group[0].get("b");
                  }
                  return Map.of("held", new byte[0]);
                });
    held[0] = hold(group[0]);
    List<CompletableFuture<ByteView>> gets = getAll(group[0], "a", "b");
    held[0].answerAll("0");
    for (CompletableFuture<ByteView> get : gets) {
      assertThatThrownBy(() -> result(get)).hasMessage("load cycle: g/a -> g/b -> g/a");
    }
  }

  @Test
  void gettersThatAskForKeysShareCalls() throws Exception {
    Group inner = described().registerBulk(source);
    Group outer =
        node.group("outer")
            .maxLoads(8)
            .register(key -> ("outer " + inner.get(key)).getBytes(UTF_8));
    Call held = hold(inner);
    List<CompletableFuture<ByteView>> gets = getAll(outer, "a", "b", "c");
    await().until(() -> inner.stats().loadsWaiting() == 3);
    held.answerAll("0");
    Call together = source.next();
    assertThat(together.keys()).containsExactlyInAnyOrder("a", "b", "c");
    together.answerAll("1");
    for (CompletableFuture<ByteView> get : gets) {
      assertThat(result(get)).hasToString("outer 1");
    }
  }

  @Test
  void aChainOfItsOwnKeysEndsAndOneWithoutEndFails() throws Exception {
    Group[] group = {null};
    group[0] =
        node.group("chain")
            .maxLoads(2)
            .registerBulk(
                keys -> {
                  Map<String, byte[]> values = new HashMap<>();
                  for (String key : keys) {
                    int n = Integer.parseInt(key);
                    values.put(
                        key,
                        n == 0
                            ? "0".getBytes(UTF_8)
                            : (group[0].get("" + (n - 1)) + "," + n).getBytes(UTF_8));
                  }
                  return values;
                });
    assertThat(group[0].get("5")).hasToString("0,1,2,3,4,5");
    assertThatThrownBy(() -> group[0].get("-1"))
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("load chain too deep");
  }

  @Test
  void whereLoaderThreadsAreBoundedAGetterLoadsWhatItAsksForItself() throws Exception {
    try (Geecache one = new Geecache(Ticker.system(), 1)) {
      Group inner =
          one.group("inner")
              .registerBulk(
                  keys -> keys.stream().collect(Collectors.toMap(k -> k, k -> k.getBytes(UTF_8))));
      Group outer = one.group("outer").register(key -> inner.get(key).toByteArray());
      assertThat(outer.get("a")).hasToString("a");
    }
  }

  @Test
  void getAllFillsItsCalls() throws Exception {
    List<Integer> sizes = new CopyOnWriteArrayList<>();
    Group group =
        node.group("g")
            .maxLoads(1)
            .maxBatch(100)
            .registerBulk(
                keys -> {
                  sizes.add(keys.size());
                  return keys.stream().collect(Collectors.toMap(k -> k, k -> k.getBytes(UTF_8)));
                });
    Map<String, ByteView> values = group.getAll(List.of(keys(5_000)));
    assertThat(values).hasSize(5_000);
    assertThat(sizes.stream().mapToInt(size -> size).sum()).isEqualTo(5_000);
    assertThat(sizes).allMatch(size -> size <= 100);
  }

  @Test
  void typedKeysAreLoadedTogetherAndEachHasAnOutcomeOfItsOwn() throws Exception {
    List<Set<Long>> asked = new CopyOnWriteArrayList<>();
    Cached<Long, String> names =
        node.group("names")
            .typed(KeyCodec.longs(), Codec.text())
            .registerBulk(
                ids -> {
                  asked.add(Set.copyOf(ids));
                  Map<Long, String> found = new HashMap<>();
                  ids.stream().filter(id -> id < 10).forEach(id -> found.put(id, "n" + id));
                  found.computeIfPresent(3L, (id, name) -> "\ud800"); // It is no text in UTF-8.
                  return found;
                });
    assertThat(names.getAll(List.of(1L, 2L, 30L)))
        .containsExactly(Map.entry(1L, "n1"), Map.entry(2L, "n2"));
    assertThat(names.find(20L)).isEmpty();
    assertThatThrownBy(() -> names.get(3L)).isInstanceOf(Unchecked.LoadException.class);
    assertThatThrownBy(() -> names.group().get("x")).isInstanceOf(KeyNotFoundException.class);
    assertThat(asked).allMatch(ids -> !ids.isEmpty());
  }

  @Test
  void wrongBoundsAreRefused() {
    BulkGetter none =
        new BulkGetter() {
          @Override
          public Map<String, byte[]> getAll(Set<String> keys) {
            return Map.of();
          }

          @Override
          public int maxBatch() {
            return 0;
          }
        };
    assertThatThrownBy(() -> described().maxBatch(0).registerBulk(source))
        .hasMessage("group g: maxBatch must be 1 to 10000: 0");
    assertThatThrownBy(() -> described().registerBulk(none))
        .hasMessage("group g: the getter's maxBatch must be positive: 0");
  }

  @Test
  void nullFromTheSourceIsAFailure() throws Exception {
    Group nothing = node.group("nothing").registerBulk(keys -> null);
    Group nulls =
        node.group("nulls")
            .registerBulk(
                keys -> {
                  Map<String, byte[]> all = new HashMap<>();
                  keys.forEach(key -> all.put(key, null));
                  return all;
                });
    assertThatThrownBy(() -> nothing.get("a")).isInstanceOf(LoadException.class);
    assertThatThrownBy(() -> nulls.get("a")).isInstanceOf(LoadException.class);
  }
}
