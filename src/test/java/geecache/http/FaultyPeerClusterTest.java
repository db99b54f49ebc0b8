package geecache.http;

import static geecache.Callers.result;
import static geecache.http.CountedSource.keysOf;
import static geecache.http.CountedSource.valueOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.Callers;
import geecache.Group;
import geecache.testing.Fault;
import geecache.testing.FaultyPeer;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A node whose front fails in every way: nobody else gets a wrong answer, or none, because of it.
 * Each fault is tried on clusters of two and of three nodes, by both ways of asking, at the same
 * time, since most of it is waiting. The clusters are made once, and every test has keys of its
 * own.
 */
@Timeout(120)
class FaultyPeerClusterTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int KEYS = 16;

  private static final List<Site> SITES = new ArrayList<>();

  /** A cluster, the node of it that fails, and those that ask it. */
  private record Site(
      String how,
      TestCluster cluster,
      CountedSource source,
      TestNode faulty,
      List<TestNode> others) {
    static Site of(String how, int nodes) {
      CountedSource source = new CountedSource();
      TestCluster cluster =
          TestCluster.builder()
              .nodes(nodes)
              .fronts()
              .peerRequests(how)
              .setting("geecache.peer-timeout", "1s")
              .groups((i, node) -> node.group("during").register(source.at(i)))
              .groups((i, node) -> node.group("after").register(source.at(i)))
              .start();
      List<TestNode> others = new ArrayList<>(cluster.nodes());
      TestNode faulty = others.remove(1);
      return new Site(how + " of " + nodes + " nodes", cluster, source, faulty, others);
    }

    List<String> keys(String prefix, int count) {
      return keysOf(faulty, prefix, count);
    }

    boolean isMissedByAll() {
      return others.stream().noneMatch(node -> node.pool().inContact().contains(faulty.url()));
    }
  }

  @BeforeAll
  static void start() {
    for (String how : List.of("batch", "get")) {
      SITES.add(Site.of(how, 2));
      SITES.add(Site.of(how, 3));
    }
  }

  @AfterAll
  static void stop() {
    SITES.forEach(site -> site.cluster.close());
    SITES.clear();
  }

  /** After all of these no answer is one; a body that is too long has the right one in front. */
  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"PASS", "LONG_BODY"})
  void aPeerThatFailsIsLeftAloneUntilItIsWellAgain(Fault fault) throws Exception {
    everywhere(
        site -> {
          breakDown(site, fault.name(), front -> front.become(fault));
          isLeftAlone(site, fault.name());
          recovers(site, fault.name());
        });
  }

  @Test
  void bodiesThatAreTooLongAreNotTakenForAnything() throws Exception {
    everywhere(
        site -> {
          breakDown(site, "long", front -> front.become(Fault.LONG_BODY));
          recovers(site, "long");
        });
  }

  @Test
  void faultsThatChangeAtRandomLeaveNothingWrong(TestReporter reporter) throws Exception {
    long seed = ThreadLocalRandom.current().nextLong();
    reporter.publishEntry("seed", String.valueOf(seed));
    everywhere(
        site -> {
          breakDown(site, "seed " + seed, front -> front.changeAtRandom(seed));
          recovers(site, "seed " + seed);
        });
  }

  private interface Course {
    void run(Site site) throws Exception;
  }

  private static void everywhere(Course course) throws Exception {
    try (Callers callers = new Callers()) {
      List<CompletableFuture<Object>> runs = new ArrayList<>();
      for (Site site : SITES) {
        runs.add(
            callers.call(
                () -> {
                  try {
                    site.faulty.front().become(Fault.PASS);
                    site.cluster.awaitContact();
                    course.run(site);
                    return null;
                  } catch (Throwable failure) {
                    throw new AssertionError(site.how + ": " + failure.getMessage(), failure);
                  }
                }));
      }
      for (CompletableFuture<Object> run : runs) {
        run.get();
      }
    }
  }

  /** Some of the keys are in the faulty node's memory already. */
  private static void breakDown(Site site, String prefix, Consumer<FaultyPeer> fault)
      throws Exception {
    List<String> keys = site.keys(prefix, KEYS);
    requireRight(site.faulty.group("during").getAll(keys.subList(0, KEYS / 4)), KEYS / 4);

    fault.accept(site.faulty.front());

    try (Callers callers = new Callers()) {
      List<CompletableFuture<Object>> all = new ArrayList<>();
      for (TestNode node : site.others) {
        Group group = node.group("during");
        for (int caller = 0; caller < 3; caller++) {
          List<String> order = new ArrayList<>(keys);
          Collections.rotate(order, caller * KEYS / 3);
          all.add(callers.call(() -> getEach(group, order)));
        }
        all.add(callers.call(() -> getAllAtOnce(group, keys)));
        all.add(callers.call(() -> requireRight(group.getAll(keys), keys.size())));
      }
      for (CompletableFuture<Object> answered : all) {
        result(answered);
      }
    }
  }

  private static void isLeftAlone(Site site, String prefix) throws Exception {
    List<String> more = site.keys("more " + prefix, 2 * KEYS);
    for (int i = 0; !site.isMissedByAll(); i++) {
      assertThat(i).as("failures that did not open the breaker").isLessThan(more.size());
      for (TestNode node : site.others) {
        requireRight(node.group("during"), more.get(i));
      }
    }
    Reads reads = Reads.at(site.faulty.front());
    List<Long> fetches = fetches(site);

    for (TestNode node : site.others) {
      getEach(node.group("after"), site.keys(prefix, KEYS));
    }

    assertThat(reads.of("after")).isEmpty();
    assertThat(site.isMissedByAll()).isTrue();
    if (site.others.size() == 1) {
      assertThat(fetches(site)).isEqualTo(fetches);
    }
  }

  private static List<Long> fetches(Site site) {
    return site.others.stream().map(node -> node.group("after").stats().fetches()).toList();
  }

  private static void recovers(Site site, String prefix) throws Exception {
    site.faulty.front().become(Fault.PASS);
    Reads reads = Reads.at(site.faulty.front());
    site.cluster.awaitContact();

    for (TestNode node : site.cluster.nodes()) {
      getEach(node.group("during"), site.keys(prefix, KEYS));
      getEach(node.group("during"), site.keys("more " + prefix, 2 * KEYS));
      getEach(node.group("after"), site.keys(prefix, KEYS));
    }
    for (TestNode node : site.others) {
      List<String> fresh = new ArrayList<>(site.keys("fresh " + node.index() + prefix, 100));
      await()
          .atMost(LIMIT)
          .until(
              () -> {
                String key = fresh.remove(0);
                requireRight(node.group("after"), key);
                return site.source.loadsOf(key).equals(List.of(site.faulty.index()));
              });
    }
    assertThat(reads.of("after").size()).isGreaterThanOrEqualTo(site.others.size());
  }

  private static Object getEach(Group group, List<String> keys) throws Exception {
    for (String key : keys) {
      requireRight(group, key);
    }
    return keys;
  }

  private static Object getAllAtOnce(Group group, List<String> keys) throws Exception {
    List<CompletableFuture<ByteView>> answers = keys.stream().map(group::getAsync).toList();
    for (int i = 0; i < keys.size(); i++) {
      assertThat(result(answers.get(i))).hasToString(valueOf(keys.get(i)));
    }
    return keys;
  }

  private static void requireRight(Group group, String key) throws Exception {
    assertThat(group.get(key)).hasToString(valueOf(key));
  }

  private static Object requireRight(Map<String, ByteView> answers, int size) {
    assertThat(answers).hasSize(size);
    assertThat(answers).allSatisfy((key, value) -> assertThat(value).hasToString(valueOf(key)));
    return answers;
  }
}
