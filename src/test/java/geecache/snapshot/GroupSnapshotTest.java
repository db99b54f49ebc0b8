package geecache.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.FakeTicker;
import geecache.Geecache;
import geecache.Group;
import geecache.http.HTTPPool;
import geecache.membership.Membership;
import geecache.node.GeecacheBuilder;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class GroupSnapshotTest {
  @TempDir Path directory;
  private final FakeTicker ticker = new FakeTicker();
  private final AtomicBoolean inContact = new AtomicBoolean();
  private final Geecache node = new Geecache();
  private Group group;
  private Path file;
  private GroupSnapshot snapshot;

  @BeforeEach
  void open() throws Exception {
    file = directory.resolve("g.keys");
    new KeyFile(Instant.EPOCH, List.of("a")).write(file, "g");
    group = node.group("g").register(key -> key.getBytes(UTF_8));
    snapshot =
        new GroupSnapshot(
            group,
            node.local().groups().iterator().next(),
            SnapshotOptions.in(directory),
            inContact::get,
            ticker,
            Clock.systemUTC());
    snapshot.open();
  }

  @AfterEach
  void close() {
    snapshot.close();
    node.close();
  }

  private int warm() {
    return snapshot.progress().orElseThrow().warm();
  }

  /** Others may have the values. */
  @Test
  void loadsNothingBeforeItHasFoundTheOtherNodes() {
    snapshot.step();
    assertThat(group.stats().gets()).isZero();
    inContact.set(true);
    snapshot.step();
    await().until(() -> warm() == 1);
  }

  @Test
  void looksForOtherNodesForHalfAMinute() {
    ticker.advance(Duration.ofSeconds(30).minusNanos(1));
    snapshot.step();
    assertThat(group.stats().gets()).isZero();
    ticker.advance(Duration.ofNanos(1));
    snapshot.step();
    await().until(() -> warm() == 1);
  }

  @Test
  void writesTheFileAsOftenAsItIsTold() throws Exception {
    group.get("b");
    ticker.advance(Duration.ofMinutes(10).minusNanos(1));
    snapshot.step();
    assertThat(KeyFile.read(file, "g").keys()).containsExactly("a");
    await().until(() -> warm() == 1);
    ticker.advance(Duration.ofNanos(1));
    snapshot.step();
    assertThat(KeyFile.read(file, "g").keys()).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void writesNothingOnceTheNodeHasEnded() throws Exception {
    snapshot.end();
    snapshot.write(List.of());
    assertThat(KeyFile.read(file, "g").keys()).containsExactly("a");
  }

  @Test
  void aNodeThatWasNotToldTheNodesYetHasNotFoundThem() {
    AtomicReference<Consumer<? super Collection<String>>> views = new AtomicReference<>();
    Membership late =
        new Membership() {
          @Override
          public void start(Consumer<? super Collection<String>> told) {
            views.set(told);
          }

          @Override
          public void close() {}
        };
    try (Geecache lonely =
        GeecacheBuilder.create().self("http://127.0.0.1:1").membership(late).start()) {
      assertThat(HTTPPool.of(lonely).clusterNode().isInContactWithAll()).isFalse();
      views.get().accept(List.of("http://127.0.0.1:1"));
      assertThat(HTTPPool.of(lonely).clusterNode().isInContactWithAll()).isTrue();
    }
  }
}
