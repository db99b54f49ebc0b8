package geecache;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Changes that other nodes have to acknowledge, called with and without blocking. */
class AsyncChangesTest {
  private static final NotReachedException MISSED =
      new NotReachedException("a change", List.of("http://other"));

  private final BlockingQueue<CompletableFuture<Void>> underWay = new LinkedBlockingQueue<>();
  private final Geecache node = new Geecache();
  private final Group group = node.group("g").maxValueBytes(10).register(key -> new byte[1]);
  private boolean refuses;

  /** A cluster that has carried a change out when the test says so. */
  private final class SlowCluster extends FakePeers {
    SlowCluster() {
      super(new GatedPeer("http://other"));
    }

    private CompletableFuture<Void> begin() {
      if (refuses) {
        throw new IllegalStateException("no secret");
      }
      CompletableFuture<Void> change = new CompletableFuture<>();
      underWay.add(change);
      return change;
    }

    @Override
    public CompletableFuture<Void> removeAll(LocalGroup group, Collection<String> keys) {
      return begin();
    }

    @Override
    public CompletableFuture<Void> clear(LocalGroup group) {
      return begin();
    }

    @Override
    public CompletableFuture<Void> set(
        LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive) {
      return begin();
    }
  }

  /** Each change, blocking or not. */
  enum Change {
    REMOVE {
      @Override
      void make(Group group) throws CacheException {
        group.remove("k");
      }

      @Override
      CompletableFuture<Void> begin(Group group) {
        return group.removeAsync("k");
      }
    },
    REMOVE_ALL {
      @Override
      void make(Group group) throws CacheException {
        group.removeAll(List.of("k", "l"));
      }

      @Override
      CompletableFuture<Void> begin(Group group) {
        return group.removeAllAsync(List.of("k", "l"));
      }
    },
    CLEAR {
      @Override
      void make(Group group) throws CacheException {
        group.clear();
      }

      @Override
      CompletableFuture<Void> begin(Group group) {
        return group.clearAsync();
      }
    },
    SET {
      @Override
      void make(Group group) throws CacheException {
        group.set("k", ByteView.of("v"), null);
      }

      @Override
      CompletableFuture<Void> begin(Group group) {
        return group.setAsync("k", ByteView.of("v"), null);
      }
    };

    abstract void make(Group group) throws CacheException;

    abstract CompletableFuture<Void> begin(Group group);
  }

  @BeforeEach
  void join() {
    node.registerPeers(new SlowCluster());
  }

  @AfterEach
  void close() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource(Change.class)
  void aChangeIsDoneWhenTheClusterSaysSo(Change change) throws Exception {
    try (Callers callers = new Callers()) {
      CompletableFuture<Void> blocking = callers.call(() -> made(change));
      CompletableFuture<Void> acknowledged = underWay.take();
      assertThat(blocking).isNotDone();
      acknowledged.complete(null);
      result(blocking);
    }
    CompletableFuture<Void> future = change.begin(group);
    assertThat(future).isNotDone();
    underWay.take().complete(null);
    result(future);
  }

  private @Nullable Void made(Change change) throws CacheException {
    change.make(group);
    return null;
  }

  @ParameterizedTest
  @EnumSource(Change.class)
  void theFailureOfAChangeReachesItsCaller(Change change) throws Exception {
    for (CacheException failure : List.of(MISSED, new OverloadedException("too much"))) {
      try (Callers callers = new Callers()) {
        CompletableFuture<Void> blocking = callers.call(() -> made(change));
        underWay.take().completeExceptionally(failure);
        assertThatThrownBy(() -> result(blocking)).isSameAs(failure);
      }
      CompletableFuture<Void> future = change.begin(group);
      underWay.take().completeExceptionally(failure);
      assertThatThrownBy(() -> result(future)).isSameAs(failure);
    }
  }

  @ParameterizedTest
  @EnumSource(Change.class)
  void aChangeThatIsNotAllowedIsRefusedAtOnce(Change change) {
    refuses = true;
    assertThatThrownBy(() -> change.make(group)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> change.begin(group)).isInstanceOf(IllegalStateException.class);
  }

  /** It has to know which nodes were reached, and each change has a limit of its own. */
  @Test
  void anInterruptedCallerWaitsAndStaysInterrupted() throws Exception {
    try (Callers callers = new Callers()) {
      CompletableFuture<Boolean> interrupted =
          callers.call(
              () -> {
                Thread.currentThread().interrupt();
                group.remove("k");
                return Thread.currentThread().isInterrupted();
              });
      CompletableFuture<Void> acknowledged = underWay.take();
      assertThat(interrupted).isNotDone();
      acknowledged.complete(null);
      assertThat(result(interrupted)).isTrue();
    }
  }

  @Test
  void whatBreaksARuleIsRefusedBeforeTheClusterIsAsked() {
    ByteView value = ByteView.of("v");
    assertThatThrownBy(() -> group.removeAsync("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> group.removeAllAsync(List.of("k", "")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> group.setAsync("", value, null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> group.setAsync("k", ByteView.of("12345678901"), null))
        .hasMessage("value is too large: 11 bytes, at most 10");
    assertThatThrownBy(() -> group.setAsync("k", value, Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(underWay).isEmpty();
  }
}
