package geecache;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import geecache.GroupBuilder.Store;
import geecache.codec.Codec;
import geecache.codec.KeyCodec;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Objects that are kept beside the bytes of their values. */
class KeepDecodedTest {
  private record User(long id, String name) {}

  private final FakeTicker ticker = new FakeTicker();
  private final Geecache node = new Geecache(ticker, 0);
  private final AtomicInteger version = new AtomicInteger(1);
  private final AtomicInteger decodes = new AtomicInteger();

  @AfterEach
  void close() {
    node.close();
  }

  private Codec<User> codec() {
    Codec<User> json = Codec.json(User.class);
    return Codec.of(
        json::encode,
        bytes -> {
          decodes.incrementAndGet();
          return json.decode(bytes);
        },
        json.contentType());
  }

  private User load(long id) {
    return new User(id, "v" + version);
  }

  private Cached<Long, User> users(GroupBuilder group) {
    return group.typed(KeyCodec.longs(), codec()).keepDecoded().register(this::load);
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void hitsShareOneObject(Store store) throws Exception {
    Cached<Long, User> users = users(node.group("users").store(store));
    User first = users.get(1L);
    assertThat(users.get(1L)).isSameAs(first);
    assertThat(users.find(1L).orElseThrow()).isSameAs(first);
    assertThat(result(users.getAsync(1L))).isSameAs(first);
    assertThat(users.getAll(List.of(1L, 2L)).get(1L)).isSameAs(first);
    assertThat(users.getAll(List.of(2L, 1L)).keySet()).containsExactly(2L, 1L);
    assertThat(decodes).hasValue(2);
    GroupStats stats = users.group().stats();
    assertThat(stats.loads()).isEqualTo(2);
    assertThat(stats.mainHits()).isEqualTo(6);
    assertThat(stats.gets()).isEqualTo(8);
  }

  /** What callers get is what the codec reads, and never the object of the source. */
  @Test
  void theObjectOfTheSourceIsNotHandedOut() {
    User loaded = load(1);
    Cached<Long, User> users =
        node.group("users").typed(KeyCodec.longs(), codec()).keepDecoded().register(id -> loaded);
    assertThat(users.get(1L)).isEqualTo(loaded).isNotSameAs(loaded);
  }

  @Test
  void aChangeTakesTheObjectAway() throws Exception {
    Cached<Long, User> users = users(node.group("users"));
    users.get(1L);
    version.incrementAndGet();
    users.remove(1L);
    assertThat(users.get(1L).name()).isEqualTo("v2");
    users.set(1L, new User(1, "set"));
    assertThat(users.get(1L).name()).isEqualTo("set");
    assertThat(users.get(1L)).isSameAs(users.get(1L));
    users.clear();
    assertThat(users.get(1L).name()).isEqualTo("v2");
    users.group().set("1", ByteView.of("{\"id\":1,\"name\":\"raw\"}"), null);
    assertThat(users.get(1L).name()).isEqualTo("raw");
  }

  @Test
  void anObjectEndsWithItsValue() {
    Cached<Long, User> users = users(node.group("users").timeToLive(Duration.ofMinutes(1)));
    User first = users.get(1L);
    ticker.advance(Duration.ofSeconds(59));
    assertThat(users.get(1L)).isSameAs(first);
    version.incrementAndGet();
    ticker.advance(Duration.ofSeconds(2));
    assertThat(users.get(1L).name()).isEqualTo("v2");
  }

  /** The bytes of an object go on to answer HTTP and other nodes. */
  @Test
  void theBytesStay() throws Exception {
    Cached<Long, User> users = users(node.group("users"));
    users.get(1L);
    assertThat(users.group().get("1")).hasToString("{\"id\":1,\"name\":\"v1\"}");
    assertThat(users.group().answer("1").join().age()).isNull();
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void objectsCountAgainstTheBudget(Store store) {
    long budget = 100_000;
    Cached<Long, User> users = users(node.group("users").maxBytes(budget).store(store));
    long without = 0;
    for (long id = 0; id < 1_000; id++) {
      users.get(id);
      assertThat(users.group().stats().bytes()).isLessThanOrEqualTo(budget);
    }
    without = users.group().stats().entries();
    long each = users.group().stats().bytes() / without;
    Cached<Long, User> bare =
        node.group("bare")
            .maxBytes(budget)
            .store(store)
            .typed(KeyCodec.longs(), codec())
            .register(this::load);
    bare.get(100L);
    // Marks of 24 bytes more, an entry of 8 more, 24 for the kept object, 24 for the record, 48 for
    // its name.
    assertThat(each).isCloseTo(bare.group().stats().bytes() + 128, within(16L));
  }

  @Test
  void anObjectWithoutRoomIsNotKeptButItsBytesAre() {
    Cached<Long, User> users =
        node.group("users")
            .maxBytes(1_000)
            .typed(KeyCodec.longs(), codec())
            .keepDecoded(user -> 2_000)
            .register(this::load);
    assertThat(users.get(1L)).isEqualTo(users.get(1L)).isNotSameAs(users.get(1L));
    assertThat(users.group().stats().loads()).isEqualTo(1);
    assertThat(users.group().stats().evictions()).isZero();
  }

  @Test
  void anObjectOfUnknownSizeIsNotKeptAndThatIsTold() {
    Cached<Long, URI> links =
        node.group("links")
            .typed(
                KeyCodec.longs(),
                Codec.of(
                    uri -> uri.toString().getBytes(UTF_8),
                    bytes -> URI.create(new String(bytes, UTF_8)),
                    "text/uri-list"))
            .keepDecoded()
            .register(id -> URI.create("http://localhost/" + id));
    try (LogCapture log = new LogCapture(UnknownSizes.class, Level.WARNING)) {
      assertThat(links.get(1L)).isEqualTo(links.get(1L)).isNotSameAs(links.get(1L));
      assertThat(log.messages())
          .singleElement()
          .asString()
          .startsWith("WARNING group links: an object of class java.net.URI is not kept decoded");
    }
  }

  @Test
  void arraysAreNotKeptSinceCallersCanChangeThem() {
    Cached<Long, byte[]> bytes =
        node.group("bytes")
            .typed(KeyCodec.longs(), Codec.bytes())
            .keepDecoded()
            .register(id -> new byte[] {1});
    bytes.get(1L)[0] = 2;
    assertThat(bytes.get(1L)).containsExactly(1);
  }

  /** Each typed view of a group has objects of its own type. */
  @Test
  void anObjectIsForTheCodecThatMadeIt() {
    Cached<Long, User> users = users(node.group("users"));
    Cached<Long, String> texts = Cached.of(users.group(), KeyCodec.longs(), Codec.text());
    User user = users.get(1L);
    assertThat(texts.get(1L)).startsWith("{");
    assertThat(users.get(1L)).isSameAs(user);
  }

  /** A copy of a popular value of another node is as good as an own one. */
  @Test
  void copiesKeepTheirObjectsToo() throws Exception {
    GatedPeer owner = new GatedPeer("http://owner");
    node.registerPeers(new FakePeers(owner));
    Cached<Long, User> users = users(node.group("users"));
    while (users.group().stats().hotEntries() == 0) {
      CompletableFuture<User> get = users.getAsync(1L);
      owner.next().answer("{\"id\":1,\"name\":\"theirs\"}");
      result(get);
    }
    long before = users.group().stats().hotBytes();
    User first = users.get(1L);
    assertThat(users.get(1L)).isSameAs(first);
    assertThat(users.group().stats().hotBytes()).isGreaterThanOrEqualTo(before);
    assertThat(users.group().stats().entries()).isEqualTo(1);
  }
}
