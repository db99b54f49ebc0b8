package geecache.containers;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.Callers;
import geecache.FreePorts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * An undeployed application leaves nothing in its container. Its cluster has one node in Tomcat and
 * one in Jetty.
 */
@Tag("undeploy")
final class UndeployIT {
  private static final int ROUNDS = Integer.getInteger("undeploy.rounds", 20);
  private static final int KEYS = 100;
  private static final int ROWS = 20;
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final ClusterSite SITE = ClusterSite.BATCH;
  private static final Map<String, String> ROWS_GROUP =
      Map.of(
          "geecache.groups.rows.source", "jdbc",
          "geecache.groups.rows.url", "jdbc:h2:mem:rows",
          "geecache.groups.rows.query", "select x from system_range(1, 1000) where x = ?",
          "geecache.groups.rows.key-type", "integer",
          "geecache.groups.rows.wait-timeout", "1m"); // For the patience that the nodes have.
  private static final List<String> LEAKS =
      List.of("thread", "thread-local", "shutdown-hook", "driver", "mbean");

  private final List<Redeployed> places = new ArrayList<>();

  @BeforeEach
  void startContainers(TestInfo test) throws Exception {
    String name = test.getTestMethod().orElseThrow().getName();
    try (Callers callers = new Callers()) {
      List<CompletableFuture<Redeployed>> starts = new ArrayList<>();
      for (Container container :
          List.of(
              new Tomcat(name + "-tomcat", "apache-tomcat-11.", Jvm.OPTIONS),
              new Jetty(name + "-jetty", "jetty-home-12.", "ee10-deploy", Jvm.OPTIONS))) {
        starts.add(callers.call(() -> Redeployed.start(container)));
      }
      for (CompletableFuture<Redeployed> start : starts) {
        places.add(Callers.result(start));
      }
    }
  }

  @AfterEach
  void endContainers() throws IOException {
    for (Redeployed place : places) {
      place.close();
    }
  }

  @Test
  void roundsOfDeployingLeaveNothing() throws IOException {
    for (int round = 1; round <= ROUNDS; round++) {
      Map<String, Integer> endings = playRound(round);
      System.out.printf("round %d of %d; parked requests: %s%n", round, ROUNDS, endings);
    }
    for (Redeployed place : places) {
      place.assertNothingRemains();
    }
  }

  /** Deploys both nodes, and undeploys one after the other, in each round another one first. */
  private Map<String, Integer> playRound(int round) throws IOException {
    Members cluster = deploy();
    List<String> keys = cluster.freshKeys(KEYS);
    cluster.assertAnswered(keys);
    cluster.assertAnswered(keys);
    cluster.assertLoadedByOwners(keys, 1);
    assertRows(cluster);
    try (ParkedGets parked = new ParkedGets(cluster)) {
      for (int i = 0; i < places.size(); i++) {
        Redeployed leaving = places.get((round + i) % places.size());
        assertThat(leaving.remains().loaders()).as("what is deployed").isPositive();
        leaving.undeploy(SITE.contextPath());
        leaving.remains().assertNoThread();
      }
      return parked.endings();
    }
  }

  /** One after the other: nodes that start JGroups at once may each begin alone, and merge late. */
  private Members deploy() throws IOException {
    List<String> hosts = jgroupsHosts();
    List<Member> members = new ArrayList<>();
    for (Redeployed place : places) {
      Member member = new Member(SITE, place.container(), place.client());
      Map<String, String> settings = new HashMap<>(SITE.settings(member.url(), List.of()));
      settings.putAll(ROWS_GROUP);
      settings.put("geecache.membership", "jgroups");
      settings.put("geecache.jgroups-hosts", String.join(",", hosts));
      settings.put("geecache.jgroups-bind", hosts.get(members.size()));
      place.deploy(place.wars().memberWithH2(settings), SITE.contextPath());
      Awaitility.await("200 from " + member).atMost(LIMIT).until(member::answers);
      members.add(member);
    }
    Members cluster = new Members(members);
    cluster.awaitContact();
    return cluster;
  }

  private List<String> jgroupsHosts() throws IOException {
    return IntStream.of(FreePorts.of(places.size())).mapToObj(port -> "127.0.0.1:" + port).toList();
  }

  /** Asks each node for rows, which the owner of each takes from the database. */
  private static void assertRows(Members cluster) throws IOException {
    for (Member member : cluster.all()) {
      for (int row = 1; row <= ROWS; row++) {
        Answer answer = member.client().get(SITE.contextPath() + "/_geecache/rows/" + row);
        assertThat(answer.text()).isEqualTo(String.valueOf(row));
      }
    }
  }

  /** The test of the test: what applications leave on purpose is found, and no more than that. */
  @Test
  void whatApplicationsLeaveIsFound() throws IOException {
    for (Redeployed place : places) {
      for (String leak : LEAKS) {
        place.deploy(place.wars().leaking(leak), "/" + leak);
      }
      for (String leak : LEAKS) {
        place.awaitAnswer("/" + leak + "/_geecache/scores/Tom");
      }
      for (String leak : LEAKS) {
        place.undeploy("/" + leak);
      }
    }
    assertFound(
        places.get(0), // Tomcat takes drivers back, and warns.
        "3 class loaders",
        "thread leaked-thread",
        "MBean leaked:type=Timer",
        "(?s)logged: .* \\[thread\\] appears to have started a thread named \\[leaked-thread\\].*",
        "(?s)logged: .* \\[thread-local\\] created a ThreadLocal .*",
        "(?s)logged: .* \\[driver\\] registered the JDBC driver .*");
    assertFound(
        places.get(1),
        "4 class loaders",
        "1 JDBC drivers",
        "thread leaked-thread",
        "MBean leaked:type=Timer");
  }

  private static void assertFound(Redeployed place, String... patterns) {
    Awaitility.await("all but the leaks to be collected")
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              List<String> found = place.remains().found();
              assertThat(found).hasSameSizeAs(patterns);
              for (int i = 0; i < patterns.length; i++) {
                assertThat(found.get(i)).matches(patterns[i]);
              }
            });
  }
}
