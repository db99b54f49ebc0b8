package geecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupTest {
  private final List<String> asked = new ArrayList<>();

  private Group group(long maxBytes, Getter getter) {
    return new Geecache()
        .newGroup(
            "scores",
            maxBytes,
            key -> {
              asked.add(key);
              return getter.get(key);
            });
  }

  @Test
  void loadsOnceAndThenAnswersFromMemory() throws CacheException {
    Group group = group(2048, key -> "630".getBytes(UTF_8));
    assertThat(group.get("Tom")).isEqualTo(ByteView.of("630"));
    assertThat(group.get("Tom")).isEqualTo(ByteView.of("630"));
    assertThat(asked).containsExactly("Tom");
  }

  @Test
  void copiesWhatTheGetterReturns() throws CacheException {
    byte[] reused = "630".getBytes(UTF_8);
    Group group = group(2048, key -> reused);
    group.get("Tom");
    reused[0] = 'X';
    assertThat(group.get("Tom")).hasToString("630");
  }

  @Test
  void evictsTheLeastRecentlyUsedBeyondTheBudget() throws CacheException {
    Group group =
        new Geecache()
            .group("scores")
            .maxBytes(2 * 250)
            .store(GroupBuilder.Store.LRU)
            .register(
                key -> {
                  asked.add(key);
                  return "630".getBytes(UTF_8);
                });
    group.get("Tom1");
    group.get("Tom2");
    group.get("Tom1");
    group.get("Tom3");
    asked.clear();
    group.get("Tom1");
    group.get("Tom3");
    group.get("Tom2");
    assertThat(asked).containsExactly("Tom2");
  }

  @Test
  void anEntryLargerThanTheBudgetIsServedAndNotStored() throws CacheException {
    Group group = group(5, key -> "630".getBytes(UTF_8));
    assertThat(group.get("Tom")).hasToString("630");
    assertThat(group.get("Tom")).hasToString("630");
    assertThat(asked).hasSize(2);
  }

  @Test
  void anEmptyValueIsAValue() throws CacheException {
    Group group = group(2048, key -> new byte[0]);
    assertThat(group.get("Tom").length()).isZero();
    group.get("Tom");
    assertThat(asked).hasSize(1);
  }

  @Test
  void passesOnWhatTheGetterSaysOfAbsenceAndFailure() {
    Exception absent = new KeyNotFoundException("no row");
    Exception failed = new LoadException("kkk not exist");
    assertThatThrownBy(() -> group(0, throwing(absent)).get("kkk")).isSameAs(absent);
    assertThatThrownBy(() -> group(0, throwing(failed)).get("kkk")).isSameAs(failed);
  }

  @Test
  void namesAnyOtherFailureByAnIdAndKeepsItsMessageFromClients() {
    for (Throwable thrown :
        List.of(new IOException("jdbc:secret"), new IllegalStateException("x"), new Error("x"))) {
      assertThatThrownBy(() -> group(0, throwing(thrown)).get("Tom"))
          .isInstanceOf(LoadException.class)
          .hasMessageMatching("load failed: [0-9a-f]{8}")
          .hasCause(thrown);
    }
  }

  @Test
  void aGetterThatReturnsNullHasFailed() {
    assertThatThrownBy(() -> group(0, key -> null).get("Tom"))
        .isInstanceOf(LoadException.class)
        .hasRootCauseMessage("the getter returned null");
  }

  @Test
  void afterAFailureTheNextGetLoadsAgain() throws CacheException {
    boolean[] up = {false};
    Group group =
        group(
            2048,
            key -> {
              if (!up[0]) {
                throw new IOException("down");
              }
              return "630".getBytes(UTF_8);
            });
    assertThat(catchThrowable(() -> group.get("Tom"))).isInstanceOf(LoadException.class);
    up[0] = true;
    assertThat(group.get("Tom")).hasToString("630");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\ud83d"})
  void refusesKeysThatAreNone(String key) {
    assertThatThrownBy(() -> group(0, k -> new byte[0]).get(key))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(asked).isEmpty();
  }

  @Test
  void takesKeysUpToTheLimitInBytes() throws CacheException {
    Group group = group(0, key -> new byte[0]);
    group.get("x".repeat(2048));
    group.get("中".repeat(682) + "xx");
    assertThatThrownBy(() -> group.get("中".repeat(683)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("key is too long: 2049 bytes of UTF-8, at most 2048");
  }

  private static Getter throwing(Throwable thrown) {
    return key -> {
      if (thrown instanceof Error error) {
        throw error;
      }
      throw (Exception) thrown;
    };
  }
}
