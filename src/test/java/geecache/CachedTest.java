package geecache;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.codec.Codec;
import geecache.codec.KeyCodec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CachedTest {
  private record User(long id, String name) {}

  private final FakeTicker ticker = new FakeTicker();
  private final Geecache node = new Geecache(ticker, 0);
  private final Map<Long, User> table = new ConcurrentHashMap<>();
  private final AtomicInteger loads = new AtomicInteger();

  @AfterEach
  void close() {
    node.close();
  }

  private User load(Long id) throws KeyNotFoundException {
    loads.incrementAndGet();
    User user = table.get(id);
    if (user == null) {
      throw new KeyNotFoundException("no user " + id);
    }
    return user;
  }

  private Cached<Long, User> users() {
    table.put(1L, new User(1, "Tom"));
    table.put(2L, new User(2, "Jack"));
    return node.group("users").typed(KeyCodec.longs(), Codec.json(User.class)).register(this::load);
  }

  @Test
  void loadsOnceAndThenAnswersFromMemory() {
    Cached<Long, User> users = users();
    assertThat(users.get(1L)).isEqualTo(new User(1, "Tom"));
    assertThat(users.get(1L)).isEqualTo(new User(1, "Tom"));
    assertThat(users.find(2L)).contains(new User(2, "Jack"));
    assertThat(loads).hasValue(2);
    assertThat(node.find("users")).contains(users.group());
  }

  @Test
  void bytesAreWhatTheCodecWrites() throws Exception {
    assertThat(users().group().get("1")).hasToString("{\"id\":1,\"name\":\"Tom\"}");
    assertThat(users2().group().contentType()).isEqualTo("application/json");
  }

  private Cached<Long, User> users2() {
    return node.group("users2")
        .typed(KeyCodec.longs(), Codec.json(User.class))
        .register(this::load);
  }

  @Test
  void methodsGoIntoStreams() {
    Cached<Long, User> users = users();
    assertThat(Stream.of(1L, 2L).map(users::get).map(User::name)).containsExactly("Tom", "Jack");
    assertThat(Stream.of(1L, 3L).map(users::find).flatMap(Optional::stream)).hasSize(1);
  }

  @Test
  void absenceIsAnExceptionOrNothing() {
    Cached<Long, User> users = users();
    assertThatThrownBy(() -> users.get(3L))
        .isInstanceOf(Unchecked.KeyNotFoundException.class)
        .hasMessage("no user 3")
        .hasCauseInstanceOf(KeyNotFoundException.class);
    assertThat(users.find(3L)).isEmpty();
  }

  @Test
  void textThatIsThatOfNoKeyIsAbsentAndNotLoaded() {
    Group group = users().group();
    for (String text : List.of("01", "Tom", "1 ")) {
      assertThatThrownBy(() -> group.get(text))
          .isInstanceOf(KeyNotFoundException.class)
          .hasMessage("no such key: " + text);
    }
    assertThat(loads).hasValue(0);
  }

  @Test
  void manyKeysComeInOrderWithoutTheAbsentOnes() {
    assertThat(users().getAll(List.of(2L, 3L, 1L)))
        .isEqualTo(Map.of(2L, new User(2, "Jack"), 1L, new User(1, "Tom")))
        .containsOnlyKeys(2L, 1L);
    assertThat(users2().getAll(List.of())).isEmpty();
  }

  @Test
  void changesTakeKeysAndValues() throws Exception {
    Cached<Long, User> users = users();
    users.set(1L, new User(1, "Tim"));
    assertThat(users.get(1L).name()).isEqualTo("Tim");
    users.remove(1L);
    assertThat(users.get(1L).name()).isEqualTo("Tom");
    result(users.setAsync(1L, new User(1, "Tim"), Duration.ofMinutes(1)));
    assertThat(users.get(1L).name()).isEqualTo("Tim");
    result(users.removeAsync(1L));
    assertThat(users.get(1L).name()).isEqualTo("Tom");
    users.set(2L, new User(2, "Jim"), Duration.ofMinutes(1));
    users.removeAll(List.of(1L, 2L));
    assertThat(users.get(2L).name()).isEqualTo("Jack");
    users.set(2L, new User(2, "Jim"));
    result(users.removeAllAsync(List.of(2L)));
    assertThat(users.get(2L).name()).isEqualTo("Jack");
    users.set(2L, new User(2, "Jim"));
    users.clear();
    assertThat(users.get(2L).name()).isEqualTo("Jack");
    users.set(2L, new User(2, "Jim"));
    result(users.clearAsync());
    assertThat(users.get(2L).name()).isEqualTo("Jack");
  }

  @Test
  void aFutureHasTheValueOrAnUncheckedFailure() throws Exception {
    Cached<Long, User> users = users();
    assertThat(result(users.getAsync(1L)).name()).isEqualTo("Tom");
    assertThat(users.getAsync(1L)).isCompletedWithValue(new User(1, "Tom"));
    assertThatThrownBy(() -> result(users.getAsync(3L)))
        .isInstanceOf(Unchecked.KeyNotFoundException.class);
  }

  @Test
  void toCancelAFutureEndsItsGet() throws Exception {
    GatedGetter source = new GatedGetter();
    Cached<String, String> texts =
        node.group("texts")
            .maxWaiters(1)
            .typed(KeyCodec.text(), Codec.text())
            .register(key -> new String(source.get(key), UTF_8));
    CompletableFuture<String> first = texts.getAsync("a");
    assertThatThrownBy(() -> texts.get("a")).isInstanceOf(Unchecked.OverloadedException.class);
    first.cancel(false);
    CompletableFuture<String> second = texts.getAsync("a");
    source.next().answer("v");
    assertThat(result(second)).isEqualTo("v");
  }

  @Test
  void eachFailureHasItsUncheckedName() {
    Map<CacheException, Class<? extends Unchecked.CacheException>> names =
        Map.of(
            new KeyNotFoundException("m"), Unchecked.KeyNotFoundException.class,
            new LoadException("m"), Unchecked.LoadException.class,
            new LoadTimeoutException("m", null), Unchecked.LoadTimeoutException.class,
            new OverloadedException("m"), Unchecked.OverloadedException.class,
            new ClosedException(), Unchecked.ClosedException.class,
            new NotReachedException("m", List.of("n")), Unchecked.NotReachedException.class);
    assertThat(names.keySet())
        .hasSize(CacheException.class.getPermittedSubclasses().length)
        .allSatisfy(
            checked ->
                assertThat(Unchecked.of(checked))
                    .isExactlyInstanceOf(names.get(checked))
                    .hasMessage(checked.getMessage())
                    .hasCause(checked)
                    .extracting(unchecked -> unchecked.getClass().getSimpleName())
                    .isEqualTo(checked.getClass().getSimpleName()));
    assertThat(
            ((Unchecked.NotReachedException)
                    Unchecked.of(new NotReachedException("m", List.of("n"))))
                .nodes())
        .containsExactly("n");
  }

  /** A getter may get other keys, and what it does not catch decides what becomes of its own. */
  @Test
  void absenceOfAKeyThatAGetterGetsIsItsOwn() {
    Cached<Long, User> users = users();
    Cached<Long, String> names =
        node.group("names")
            .typed(KeyCodec.longs(), Codec.text())
            .register(id -> users.get(id).name());
    assertThat(names.get(1L)).isEqualTo("Tom");
    assertThat(names.find(3L)).isEmpty();
    assertThat(names.group().stats().absent()).isEqualTo(1);
  }

  @Test
  void aGetterThatReturnsNullFails() {
    Cached<Long, String> nulls =
        node.group("nulls").typed(KeyCodec.longs(), Codec.text()).register(id -> null);
    assertThatThrownBy(() -> nulls.find(1L))
        .isInstanceOf(Unchecked.LoadException.class)
        .hasMessageStartingWith("load failed: ")
        .hasRootCauseMessage(
            "the getter returned null; it must throw a KeyNotFoundException if there is no such"
                + " key");
    assertThat(nulls.group().stats().loadFailures()).isEqualTo(1);
    assertThat(nulls.group().stats().entries()).isZero();
  }

  @Test
  void aValueThatTheCodecCannotWriteIsNotStored() {
    Codec<String> broken =
        Codec.of(
            value -> {
              throw new UnsupportedOperationException("no bytes for " + value);
            },
            bytes -> "",
            "text/plain");
    Cached<Long, String> group =
        node.group("g").typed(KeyCodec.longs(), broken).register(id -> "v" + id);
    assertThatThrownBy(() -> group.get(1L))
        .isInstanceOf(Unchecked.LoadException.class)
        .hasRootCauseMessage("no bytes for v1");
    assertThatThrownBy(() -> group.set(1L, "v"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the codec cannot write a value of class java.lang.String: no bytes for v");
    assertThatThrownBy(() -> group.set(1L, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("value is required");
    assertThat(group.group().stats().loadFailures()).isEqualTo(1);
    assertThat(group.group().stats().entries()).isZero();
  }

  @Test
  void aValueOverTheLimitIsNotStored() {
    Cached<Long, String> group =
        node.group("g")
            .maxValueBytes(3)
            .typed(KeyCodec.longs(), Codec.text())
            .register(id -> "long");
    assertThatThrownBy(() -> group.get(1L))
        .isInstanceOf(Unchecked.LoadException.class)
        .hasMessage("value is too large: 4 bytes, at most 3");
    assertThatThrownBy(() -> group.set(1L, "long")).isInstanceOf(ValueTooLargeException.class);
    assertThat(group.group().stats().tooLarge()).isEqualTo(1);
    assertThat(group.group().stats().entries()).isZero();
  }

  @Test
  void keysAreRequired() {
    Cached<Long, User> users = users();
    assertThatThrownBy(() -> users.get(null)).hasMessage("key is required");
    assertThatThrownBy(() -> users.remove(null)).hasMessage("key is required");
    assertThatThrownBy(() -> node.group("g").typed(KeyCodec.longs(), Codec.text()).register(null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("group g: a getter is required");
  }

  @Test
  void aTypedGetterIsClosedWithItsNode() {
    AtomicBoolean closed = new AtomicBoolean();
    class Source implements TypedGetter<Long, String>, AutoCloseable {
      @Override
      public String get(Long key) {
        return "";
      }

      @Override
      public void close() {
        closed.set(true);
      }
    }
    node.group("g").typed(KeyCodec.longs(), Codec.text()).register(new Source());
    node.close();
    assertThat(closed).isTrue();
  }

  @Test
  void bytesThatCannotBeReadAreLoadedAnew() throws Exception {
    Cached<Long, User> users = users();
    users.group().set("1", ByteView.of("old"), null);
    assertThat(users.get(1L).name()).isEqualTo("Tom");
    assertThat(users.get(1L).name()).isEqualTo("Tom");
    assertThat(loads).hasValue(1);

    users.group().set("1", ByteView.of("null"), null);
    assertThat(result(users.getAsync(1L)).name()).isEqualTo("Tom");
    users.group().set("1", ByteView.of("[]"), null);
    users.group().set("3", ByteView.of("[]"), null);
    assertThat(users.getAll(List.of(1L, 2L, 3L))).containsOnlyKeys(1L, 2L);
    users.group().set("3", ByteView.of("[]"), null);
    assertThat(users.find(3L)).isEmpty();
    assertThat(users.group().stats().unreadable()).isEqualTo(5);
  }

  @Test
  void bytesThatCannotBeReadAreToldOnceAMinute() throws Exception {
    Cached<Long, User> users = users();
    try (LogCapture log = new LogCapture(UnreadableValues.class, Level.WARNING)) {
      for (int i = 0; i < 3; i++) {
        users.group().set("1", ByteView.of("old\n"), null);
        users.get(1L);
      }
      ticker.advance(Duration.ofMinutes(1));
      users.group().set("2", ByteView.of("old"), null);
      users.get(2L);

      assertThat(log.messages()).hasSize(2);
      assertThat(log.messages().get(0))
          .startsWith(
              "WARNING group users: the codec cannot read the value of key 1, which is loaded"
                  + " anew: ")
          .doesNotContain("\n");
      assertThat(log.messages().get(1))
          .contains(" of key 2, ")
          .contains("; nor 2 other values since the last such line: ");
    }
    assertThat(users.group().stats().unreadable()).isEqualTo(4);
  }

  /** The source itself gives what the codec cannot read: two loads at most for a get. */
  @Test
  void aCodecThatCannotReadWhatItWroteFailsTheGet() {
    Codec<String> broken = Codec.of(value -> value.getBytes(UTF_8), bytes -> null, "text/plain");
    Cached<Long, String> group =
        node.group("g")
            .typed(KeyCodec.longs(), broken)
            .register(
                id -> {
                  loads.incrementAndGet();
                  return "v";
                });
    for (int i = 1; i <= 3; i++) {
      assertThatThrownBy(() -> group.get(1L))
          .isInstanceOf(Unchecked.LoadException.class)
          .hasMessage("the codec of group g cannot read what the source gave")
          .hasRootCauseMessage("the codec read null");
      assertThat(loads).hasValue(i + 1);
    }
    assertThatThrownBy(() -> result(group.getAsync(1L)))
        .isInstanceOf(Unchecked.LoadException.class);
    assertThat(loads).hasValue(5);
  }

  @Test
  void callersThatCannotReadTheSameBytesShareOneLoad() throws Exception {
    GatedGetter source = new GatedGetter();
    Cached<String, User> users =
        node.group("gated")
            .typed(KeyCodec.text(), Codec.json(User.class))
            .register(key -> new User(1, new String(source.get(key), UTF_8)));
    users.group().set("k", ByteView.of("old"), null);
    List<CompletableFuture<User>> gets =
        Stream.generate(() -> users.getAsync("k")).limit(10).toList();
    source.next().answer("Tom");
    for (CompletableFuture<User> get : gets) {
      assertThat(result(get).name()).isEqualTo("Tom");
    }
    assertThat(users.group().stats().loads()).isEqualTo(1);
  }

  @Test
  void aGroupThatOthersRegisteredIsGivenTypes() {
    Group group = node.group("rows").register(key -> "{\"id\":7,\"name\":\"Sam\"}".getBytes(UTF_8));
    Cached<Long, User> rows = Cached.of(group, KeyCodec.longs(), Codec.json(User.class));
    assertThat(rows.get(7L)).isEqualTo(new User(7, "Sam"));
  }
}
