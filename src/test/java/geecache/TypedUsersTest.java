package geecache;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.codec.Codec;
import geecache.codec.KeyCodec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The examples of typed groups in the documents. */
class TypedUsersTest {
  record User(long id, String name) {}

  record Place(String country, String town) {}

  private static final class Shop {
    User user(long id) throws KeyNotFoundException {
      if (id == 8) {
        throw new KeyNotFoundException("no user " + id);
      }
      return new User(id, "Tom" + id);
    }

    CompletionStage<User> userLater(long id) {
      return CompletableFuture.completedFuture(new User(id, "Tom" + id));
    }

    Map<Long, User> users(Set<Long> ids) {
      return ids.stream()
          .filter(id -> id != 8)
          .collect(Collectors.toMap(id -> id, id -> new User(id, "Tom" + id)));
    }
  }

  private final Shop shop = new Shop();

  @Test
  void keysAndValuesHaveTypes() {
    try (Geecache node = new Geecache()) {
      Cached<Long, User> users =
          node.group("users")
              .timeToLive(Duration.ofMinutes(10))
              .typed(KeyCodec.longs(), Codec.json(User.class))
              .register(id -> shop.user(id));

      User tom = users.get(7L); // loads once, however many ask
      Optional<User> nobody = users.find(8L); // none, if the source throws KeyNotFoundException
      List<String> names = Stream.of(7L, 9L).map(users::get).map(User::name).toList();

      assertThat(tom.name()).isEqualTo("Tom7");
      assertThat(nobody).isEmpty();
      assertThat(names).containsExactly("Tom7", "Tom9");
    }
  }

  @Test
  void manyKeysAreLoadedWithOneCall() {
    try (Geecache node = new Geecache()) {
      Cached<Long, User> users =
          node.group("users")
              .maxBatch(500)
              .typed(KeyCodec.longs(), Codec.json(User.class))
              .registerBulk(ids -> shop.users(ids));

      assertThat(users.getAll(List.of(7L, 8L, 9L)).keySet()).containsExactly(7L, 9L);
      assertThat(users.find(8L)).isEmpty();
    }
  }

  @Test
  void callersLoadThemselves() throws Exception {
    try (Geecache node = new Geecache()) {
      Cached<Long, User> users =
          node.group("users").typed(KeyCodec.longs(), Codec.json(User.class)).register();

      User tom = users.get(7L, id -> shop.user(id));
      Map<Long, User> both = users.getAll(List.of(7L, 8L), ids -> shop.users(ids));
      CompletableFuture<User> later = users.getAsync(9L, id -> shop.userLater(id));

      assertThat(tom.name()).isEqualTo("Tom7");
      assertThat(both).containsExactly(Map.entry(7L, tom));
      assertThat(Callers.result(later).name()).isEqualTo("Tom9");
    }
  }

  @Test
  void aRecordMayBeAKey() {
    KeyCodec<Place> places =
        KeyCodec.of(
            place -> place.country() + "/" + place.town(),
            text -> new Place(text.substring(0, 2), text.substring(3)));

    assertThat(places.write(new Place("CH", "Basel"))).isEqualTo("CH/Basel");
  }
}
