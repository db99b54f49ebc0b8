package geecache.containers;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.Callers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a cluster promises, whatever the containers of its three nodes. A subclass names them. One
 * start serves all tests; the last one kills a container and starts it again.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class ClusterContract {
  private static final Duration DEPLOY_LIMIT = Duration.ofMinutes(2);

  private final List<Container> containers;
  private final List<Client> clients = new ArrayList<>();
  private final Map<ClusterSite, Members> clusters = new EnumMap<>(ClusterSite.class);

  ClusterContract(Container... containers) {
    this.containers = List.of(containers);
  }

  @BeforeAll
  void startContainers() throws Exception {
    Container.startAll(containers);
    containers.forEach(container -> clients.add(new Client(container.port())));
    for (ClusterSite site : ClusterSite.values()) {
      deploy(site);
    }
    for (Members cluster : clusters.values()) {
      awaitDeployed(cluster);
      cluster.awaitContact();
    }
  }

  private void deploy(ClusterSite site) throws IOException {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < containers.size(); i++) {
      members.add(new Member(site, containers.get(i), clients.get(i)));
    }
    clusters.put(site, new Members(members));
    List<String> urls = members.stream().map(Member::url).toList();
    for (Member member : members) {
      Wars wars = new Wars(member.container().instance().resolve("wars"));
      Path war = wars.member(site.settings(member.url(), urls));
      member.container().deploy(war, site.contextPath());
    }
  }

  private static void awaitDeployed(Members cluster) {
    for (Member member : cluster.all()) {
      Awaitility.await("200 from " + member).atMost(DEPLOY_LIMIT).until(member::answers);
    }
  }

  @AfterAll
  void endContainers() throws IOException {
    containers.forEach(Container::close);
    for (Client client : clients) {
      client.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aKeyLoadsOnceInTheCluster(ClusterSite site) throws IOException {
    Members cluster = cluster(site);
    List<String> keys = cluster.freshKeys(300);
    cluster.assertAnswered(keys);
    cluster.assertLoadedByOwners(keys, 1);
  }

  /** Each key, or one made of it, is owned by each node and asked of each. */
  @ParameterizedTest
  @EnumSource
  void anyKeyIsTheSameOnEveryNode(ClusterSite site) throws IOException {
    Members cluster = cluster(site);
    List<String> keys = new ArrayList<>();
    for (Member owner : cluster.all()) {
      AwkwardKeys.all().forEach(key -> keys.add(cluster.ownedBy(owner, key)));
    }
    cluster.assertAnswered(keys);
    cluster.assertLoadedByOwners(keys, 1);
  }

  @ParameterizedTest
  @EnumSource(names = {"BATCH", "GET"})
  void aKeyThatIsDeletedOnANodeIsLoadedAgain(ClusterSite site) throws IOException {
    Members cluster = cluster(site);
    for (Member remover : cluster.all()) {
      List<String> keys = awkwardFreshKeys(cluster);
      cluster.assertAnswered(keys);
      for (String key : keys) {
        assertChanged(remover.delete(key));
      }
      cluster.assertAnswered(keys);
      cluster.assertLoadedByOwners(keys, 2);

      assertChanged(remover.clear());
      cluster.assertAnswered(keys);
      cluster.assertLoadedByOwners(keys, 3);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BATCH", "GET"})
  void aValueThatIsPutOnANodeIsAnsweredByAll(ClusterSite site) throws IOException {
    Members cluster = cluster(site);
    for (Member setter : cluster.all()) {
      List<String> keys = awkwardFreshKeys(cluster);
      cluster.assertAnswered(keys.subList(0, keys.size() / 2)); // The others are in no memory.
      for (String key : keys) {
        String value = "set \u4e2d" + key;
        assertChanged(setter.put(key, value));
        for (Member member : cluster.all()) {
          member.assertAnswers(key, value);
        }
      }
      cluster.assertLoadedByOwners(keys.subList(keys.size() / 2, keys.size()), 0);
    }
  }

  private static List<String> awkwardFreshKeys(Members cluster) {
    List<String> keys = new ArrayList<>();
    for (String awkward : List.of("", "a b/../c;d=e%2F?&key=\n", "\u4e2d\ud83d\ude00")) {
      for (String fresh : cluster.freshKeys(cluster.all().size())) {
        keys.add(cluster.ownedBy(cluster.ownerOf(fresh), awkward + fresh));
      }
    }
    return keys;
  }

  @ParameterizedTest
  @EnumSource(names = {"BATCH", "GET"})
  void whoShowsNoSecretMayReadAtMost(ClusterSite site) throws IOException {
    for (Member member : cluster(site).all()) {
      int read = site == ClusterSite.BATCH ? 200 : 401;
      assertThat(member.send("GET", "x", Map.of(), null).code()).isEqualTo(read);
      assertThat(member.send("PUT", "x", Map.of(), "v").code()).isEqualTo(401);
      assertThat(member.send("DELETE", "x", Map.of(), null).code()).isEqualTo(401);
      assertThat(member.get("x").text()).isEqualTo("x");
    }
  }

  @Test
  void withoutASecretNothingIsChanged() throws IOException {
    for (Member member : cluster(ClusterSite.OPEN).all()) {
      assertThat(member.put("x", "v").code()).isEqualTo(403);
      assertThat(member.delete("x").code()).isEqualTo(403);
      assertThat(member.clear().code()).isEqualTo(403);
      assertThat(member.get("x").text()).isEqualTo("x");
    }
  }

  /** All clusters lose the same of their nodes, and have it back. */
  @Test
  @Order(Integer.MAX_VALUE)
  void theOthersAnswerForANodeThatIsKilled() throws Exception {
    int killed = 1;
    Semaphore answers = new Semaphore(0);
    AtomicBoolean enough = new AtomicBoolean();
    try (Callers callers = new Callers()) {
      List<CompletableFuture<Void>> askers = new ArrayList<>();
      try {
        for (Members cluster : clusters.values()) {
          for (Member survivor : without(cluster, killed)) {
            askers.add(
                callers.call(() -> askUntil(enough, survivor, cluster.get(killed), answers)));
          }
        }
        answers.acquire(20 * askers.size());
        containers.get(killed).kill();
        answers.drainPermits();
        answers.acquire(50 * askers.size());
      } finally {
        enough.set(true);
      }
      for (CompletableFuture<Void> asker : askers) {
        Callers.result(asker);
      }
    }
    for (ClusterSite site : List.of(ClusterSite.BATCH, ClusterSite.GET)) {
      assertRemovalsNameTheDead(cluster(site), killed);
    }

    containers.get(killed).restart();
    for (Members cluster : clusters.values()) {
      awaitDeployed(cluster);
      cluster.awaitContact();
      List<String> keys = cluster.freshKeys(100);
      cluster.assertAnswered(keys);
      cluster.assertLoadedByOwners(keys, 1);
    }
    for (ClusterSite site : List.of(ClusterSite.BATCH, ClusterSite.GET)) {
      aKeyThatIsDeletedOnANodeIsLoadedAgain(site);
      aValueThatIsPutOnANodeIsAnsweredByAll(site);
    }
  }

  /** Asks for keys of {@code owner}, each another, with a permit for each answer. */
  private Void askUntil(AtomicBoolean enough, Member asked, Member owner, Semaphore answers)
      throws IOException {
    Members cluster = cluster(asked.site());
    try {
      while (!enough.get()) {
        String key = cluster.freshKey(owner);
        asked.assertAnswers(key, key);
        answers.release();
      }
    } catch (Throwable failure) {
      answers.release(1_000_000); // Nobody is to wait for this one.
      throw failure;
    }
    return null;
  }

  private static void assertRemovalsNameTheDead(Members cluster, int killed) throws IOException {
    for (String key : cluster.freshKeys(cluster.all().size())) {
      for (Member survivor : without(cluster, killed)) {
        survivor.assertAnswers(key, key);
        for (Answer answer : List.of(survivor.delete(key), survivor.put(key, "v"))) {
          assertThat(answer.code()).as("%s", answer).isEqualTo(502);
          assertThat(answer.header("Geecache-Status")).isEqualTo("not-reached");
          for (Member member : cluster.all()) {
            assertThat(answer.text().contains(member.url()))
                .as("%s in %s", member, answer)
                .isEqualTo(member == cluster.get(killed));
          }
        }
        assertThat(survivor.delete(key).code()).isEqualTo(502);
        for (Member member : without(cluster, killed)) {
          member.assertAnswers(key, key);
        }
      }
    }
  }

  private static List<Member> without(Members cluster, int index) {
    Member one = cluster.get(index);
    return cluster.all().stream().filter(member -> member != one).toList();
  }

  private static void assertChanged(Answer answer) {
    assertThat(answer.code()).as("%s", answer).isEqualTo(204);
  }

  private Members cluster(ClusterSite site) {
    return requireNonNull(clusters.get(site));
  }
}
