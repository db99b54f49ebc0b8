package geecache.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.Geecache;
import geecache.SimulatedWorld;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ViewHolderTest {
  private final SimulatedWorld world = new SimulatedWorld(1);
  private final Geecache node = new Geecache();
  private final List<String> retired = new ArrayList<>();
  private final List<Runnable> tasks = new ArrayList<>();
  private String trouble = "";

  private final ViewHolder views =
      new ViewHolder(
          node.local(),
          "http://a:1",
          ClusterParts.options(),
          ClusterParts.runtime(world, this::execute),
          new Troubles(),
          url -> new KnownNode(url, new UnusedLink(), ClusterParts.senders(world)),
          (url, known) -> new FakePeer(url));

  private void execute(Runnable task) {
    if (trouble.equals("closed")) {
      throw new RejectedExecutionException("closed");
    }
    if (trouble.equals("no thread")) {
      throw new OutOfMemoryError("no thread");
    }
    tasks.add(task);
  }

  private final class FakePeer extends IdlePeer {
    FakePeer(String url) {
      super(url);
    }

    @Override
    public void retire() {
      retired.add(url());
    }
  }

  @AfterEach
  void close() {
    node.close();
    world.close();
  }

  /** A peer that is not retired would keep the keys that wait for it. */
  @ParameterizedTest
  @ValueSource(strings = {"closed", "no thread"})
  void aViewIsWholeEvenIfNoThreadWalksOverTheValues(String why) {
    views.set(List.of("http://a:1", "http://b:2"));
    trouble = why;
    views.set(List.of("http://a:1"));
    assertThat(views.get().urls()).containsExactly("http://a:1");
    assertThat(retired).containsExactly("http://b:2");
  }

  @Test
  void theWalkOverTheValuesIsTriedAgainUntilThereIsAThread() {
    trouble = "no thread";
    views.set(List.of("http://a:1"));
    world.pass(Duration.ofSeconds(3));
    assertThat(tasks).isEmpty();
    trouble = "";
    world.pass(Duration.ofSeconds(1));
    assertThat(tasks).hasSize(1);
  }

  /** Answers to changes name ever more nodes, and no other view comes. */
  @Test
  void nodesThatOnlyOthersNameAreForgottenWhenThereAreTooMany() {
    views.set(List.of("http://a:1", "http://b:2"));
    KnownNode member = views.node("http://b:2");
    for (int i = 0; i < 100_000; i++) {
      views.node("http://n:" + i);
      assertThat(views.nodes()).hasSizeLessThan(2_010);
    }
    assertThat(views.node("http://b:2")).isSameAs(member);
  }
}
