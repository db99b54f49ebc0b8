package geecache.containers;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.FreePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Three Tomcats, each a process, whose nodes find each other by JGroups over TCP. What a node takes
 * for the view is what it logs. Times are printed.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("heavy")
final class JGroupsClusterIT {
  private static final ClusterSite SITE = ClusterSite.BATCH;
  private static final int NODES = 3;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Pattern VIEW = Pattern.compile("the nodes of geecache/batch are \\[(.*)]");

  private final List<Tomcat> containers = new ArrayList<>();
  private final List<Client> clients = new ArrayList<>();
  private final List<Member> members = new ArrayList<>();

  private Members cluster() {
    return new Members(members);
  }

  @BeforeAll
  void start() throws Exception {
    for (int i = 1; i <= NODES; i++) {
      containers.add(new Tomcat("jgroups-tomcat-" + i, "apache-tomcat-11."));
    }
    Container.startAll(containers);
    List<String> ports =
        IntStream.of(FreePorts.of(NODES)).mapToObj(port -> "127.0.0.1:" + port).toList();
    for (int i = 0; i < NODES; i++) {
      clients.add(new Client(containers.get(i).port()));
      Member member = new Member(SITE, containers.get(i), clients.get(i));
      members.add(member);
      Map<String, String> settings = new LinkedHashMap<>(SITE.settings(member.url(), List.of()));
      settings.put("geecache.membership", "jgroups");
      settings.put("geecache.jgroups-hosts", String.join(",", ports));
      settings.put("geecache.jgroups-bind", ports.get(i));
      Wars wars = new Wars(containers.get(i).instance().resolve("wars"));
      Path war = wars.member(settings);
      containers.get(i).deploy(war, SITE.contextPath());
    }
    for (Member member : members) {
      Awaitility.await("200 from " + member).atMost(LIMIT).until(member::answers);
    }
  }

  @AfterAll
  void end() throws IOException {
    containers.forEach(Container::close);
    for (Client client : clients) {
      client.close();
    }
  }

  @Test
  @Order(1)
  void theNodesFindEachOther() throws Exception {
    awaitView(members, "the first view of all");
    cluster().awaitContact();
    List<String> keys = cluster().freshKeys(100);
    cluster().assertAnswered(keys);
    cluster().assertLoadedByOwners(keys, 1);
    assertThat(members.get(0).delete(keys.get(0)).code()).isEqualTo(204);
  }

  @Test
  @Order(2)
  void afterAKillTheOthersAgreeAndTheNodeMayReturn() throws Exception {
    containers.get(1).kill();
    awaitView(List.of(members.get(0), members.get(2)), "the others agree after kill -9");
    String key = cluster().freshKey(members.get(0));
    assertNames(members.get(1), members.get(2).put(key, "set"));

    containers.get(1).restart();
    Awaitility.await().atMost(LIMIT).until(members.get(1)::answers);
    awaitView(members, "one view after its return");
    cluster().awaitContact();
    members.get(1).assertAnswers(key, "set");
  }

  /** For the others it is gone, and for itself nothing has happened: half a partition. */
  @Test
  @Order(3)
  void whatIsRemovedWithoutANodeThatStandsStillDoesNotComeBackWithIt() throws Exception {
    Member still = members.get(1);
    List<String> keys = new ArrayList<>();
    for (Member owner : members) {
      String key = cluster().freshKey(owner);
      keys.add(key);
      assertThat(owner.put(key, "before").code()).isEqualTo(204);
      for (int i = 0; i < 20; i++) {
        still.assertAnswers(key, "before");
      }
    }
    signal("STOP", containers.get(1));
    try {
      List<Member> others = List.of(members.get(0), members.get(2));
      awaitView(others, "the others agree after SIGSTOP");
      for (String key : keys) {
        assertNames(still, members.get(0).delete(key));
      }
    } finally {
      signal("CONT", containers.get(1));
    }
    awaitView(members, "one view after SIGCONT");
    cluster().awaitContact();
    for (Member member : members) {
      for (String key : keys) {
        member.assertAnswers(key, key); // What the source has.
      }
    }
  }

  /** Tomcat looks for what an application leaves behind, and says so. */
  @Test
  @Order(4)
  void anUndeployedNodeLeavesAtOnceAndLeavesNothingBehind() throws Exception {
    Tomcat container = containers.get(2);
    container.undeploy(SITE.contextPath());
    awaitView(members.subList(0, 2), "the others agree after an undeploy");
    container.awaitUndeployed(SITE.contextPath());
    assertThat(container.output()).doesNotContain("memory leak");
  }

  /** A node that has left the list lately without a word is named, since it may still answer. */
  private static void assertNames(Member missed, Answer answer) {
    assertThat(answer.code()).isEqualTo(502);
    assertThat(answer.text()).contains(missed.url());
  }

  private static void signal(String signal, Container container) throws Exception {
    for (ProcessHandle process : container.processes()) {
      String pid = String.valueOf(process.pid());
      assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor()).isZero();
    }
  }

  private static void awaitView(List<Member> nodes, String what) {
    String view = nodes.stream().map(Member::url).sorted().collect(Collectors.joining(", "));
    long begun = System.nanoTime();
    Awaitility.await(what)
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              for (Member node : nodes) {
                assertThat(viewOf(node)).as("the view of %s", node).isEqualTo(view);
              }
            });
    System.out.printf("%s: %s ms%n", what, (System.nanoTime() - begun) / 1_000_000);
  }

  /** Returns what a node logged last. */
  private static String viewOf(Member member) {
    Matcher line = VIEW.matcher(member.container().output());
    String last = "none";
    while (line.find()) {
      last = line.group(1);
    }
    return last;
  }
}
