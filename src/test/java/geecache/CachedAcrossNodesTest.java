package geecache;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.codec.Codec;
import geecache.codec.KeyCodec;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bytes of other nodes, which may have another version of the application. */
class CachedAcrossNodesTest {
  private final Geecache node = new Geecache();
  private final GatedPeer owner = new GatedPeer("http://owner");
  private final AtomicReference<@Nullable String> former = new AtomicReference<>();
  private final AtomicInteger loads = new AtomicInteger();
  private final AtomicInteger peeks = new AtomicInteger();

  private final FakePeers peers =
      new FakePeers(owner) {
        @Override
        public @Nullable CompletableFuture<@Nullable PeerValue> peek(LocalGroup group, String key) {
          String value = former.get();
          if (value == null) {
            return null;
          }
          peeks.incrementAndGet();
          return CompletableFuture.completedFuture(
              new PeerValue(ByteView.of(value), null, null, false, null));
        }
      };

  private Cached<String, Integer> numbers() {
    return node.group("numbers")
        .typed(
            KeyCodec.text(),
            Codec.of(
                number -> String.valueOf(number).getBytes(UTF_8),
                bytes -> Integer.valueOf(new String(bytes, UTF_8)),
                "text/plain"))
        .register(
            key -> {
              loads.incrementAndGet();
              return 7;
            });
  }

  @BeforeEach
  void join() {
    node.registerPeers(peers);
  }

  @AfterEach
  void close() {
    node.close();
  }

  /** Its owner may be able to read it, so that it stays there. */
  @Test
  void whatTheOwnerGivesAndCannotBeReadIsLoadedHere() throws Exception {
    Cached<String, Integer> numbers = numbers();
    CompletableFuture<Integer> get = numbers.getAsync("a");
    owner.next().answer("seven");
    assertThat(result(get)).isEqualTo(7);
    assertThat(loads).hasValue(1);
    assertThat(numbers.get("a")).isEqualTo(7); // As if the owner had not answered.
    assertThat(owner.keys()).containsExactly("a");
    assertThat(numbers.group().stats().unreadable()).isEqualTo(1);
  }

  @Test
  void whatTheFormerOwnerGivesAndCannotBeReadIsLoaded() throws Exception {
    former.set("seven");
    Cached<String, Integer> numbers = numbers();
    assertThat(numbers.get("own")).isEqualTo(7);
    assertThat(numbers.get("own")).isEqualTo(7);
    assertThat(loads).hasValue(1);
    assertThat(peeks).hasValue(1);
    assertThat(result(numbers.getAsync("own2"))).isEqualTo(7);
    assertThat(peeks).hasValue(2);
  }

  @Test
  void whatAnyNodeGivesAndCanBeReadIsTaken() throws Exception {
    former.set("8");
    Cached<String, Integer> numbers = numbers();
    assertThat(numbers.get("own")).isEqualTo(8);
    CompletableFuture<Integer> get = numbers.getAsync("a");
    owner.next().answer("9");
    assertThat(result(get)).isEqualTo(9);
    assertThat(loads).hasValue(0);
  }

  @Test
  void aFailureOfTheOwnerIsUnchecked() throws Exception {
    Cached<String, Integer> numbers = numbers();
    CompletableFuture<Integer> get = numbers.getAsync("a");
    owner.next().fail(new OverloadedException("busy"));
    assertThatThrownBy(() -> result(get)).isInstanceOf(Unchecked.OverloadedException.class);
  }
}
