package geecache.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A cluster that is being updated: the first of its three nodes is of the former version of the
 * wire. The last test updates it.
 */
@Tag("mixed")
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class FormerVersionIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final List<ClusterSite> SITES = List.of(ClusterSite.BATCH, ClusterSite.GET);

  private final List<Container> containers =
      List.of(
          new Tomcat("former-tomcat", "apache-tomcat-11."),
          new Tomcat("present-tomcat", "apache-tomcat-11."),
          new Jetty("present-jetty", "jetty-home-12.", "ee10-deploy"));
  private final List<Client> clients = new ArrayList<>();
  private final Map<ClusterSite, Members> clusters = new EnumMap<>(ClusterSite.class);

  FormerVersionIT() throws IOException {}

  @BeforeAll
  void start() throws Exception {
    Container.startAll(containers);
    containers.forEach(container -> clients.add(new Client(container.port())));
    for (ClusterSite site : SITES) {
      List<Member> members = new ArrayList<>();
      for (int i = 0; i < containers.size(); i++) {
        members.add(new Member(site, containers.get(i), clients.get(i)));
      }
      clusters.put(site, new Members(members));
      for (Member member : members) {
        deploy(member, member == members.get(0));
      }
    }
    clusters.values().forEach(FormerVersionIT::awaitContact);
  }

  private void deploy(Member member, boolean former) throws IOException {
    List<String> urls = cluster(member.site()).all().stream().map(Member::url).toList();
    Map<String, String> settings = member.site().settings(member.url(), urls);
    Wars wars = new Wars(member.container().instance().resolve("wars"));
    Path war = former ? wars.formerMember(settings) : wars.member(settings);
    member.container().deploy(war, member.site().contextPath());
  }

  private static void awaitContact(Members cluster) {
    for (Member member : cluster.all()) {
      Awaitility.await("200 from " + member).atMost(LIMIT).until(member::answers);
    }
    cluster.awaitContact();
  }

  @AfterAll
  void end() throws IOException {
    containers.forEach(Container::close);
    for (Client client : clients) {
      client.close();
    }
  }

  private Members cluster(ClusterSite site) {
    return clusters.get(site);
  }

  private static void assertChanged(Answer answer) {
    assertThat(answer.code()).as("%s", answer).isEqualTo(204);
  }

  @ParameterizedTest
  @EnumSource(names = {"BATCH", "GET"})
  @Order(1)
  void aKeyLoadsOnceWhoeverIsAsked(ClusterSite site) throws IOException {
    Members cluster = cluster(site);
    List<String> keys = cluster.freshKeys(300);
    cluster.assertAnswered(keys);
    cluster.assertLoadedByOwners(keys, 1);
  }

  @ParameterizedTest
  @EnumSource(names = {"BATCH", "GET"})
  @Order(2)
  void aRemovalOnEitherSideHoldsOnTheOther(ClusterSite site) throws IOException {
    Members cluster = cluster(site);
    for (Member remover : cluster.all()) {
      List<String> keys = cluster.freshKeys(9);
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
  @Order(3)
  void aValueIsSetFromEitherSideWhereThisVersionOwnsTheKey(ClusterSite site) throws IOException {
    Members cluster = cluster(site);
    for (Member setter : cluster.all()) {
      for (Member owner : cluster.all().subList(1, 3)) {
        String key = cluster.freshKey(owner);
        cluster.assertAnswered(List.of(key));
        assertSet(cluster, setter, key, "set by " + setter);
        for (Member next : cluster.all()) { // Of those that set after another, the last counts.
          assertSet(cluster, next, key, "then by " + next);
        }
        assertChanged(setter.delete(key));
        cluster.assertAnswered(List.of(key));
      }
    }
  }

  private static void assertSet(Members cluster, Member setter, String key, String value)
      throws IOException {
    assertChanged(setter.put(key, value));
    for (Member member : cluster.all()) {
      member.assertAnswers(key, value);
    }
  }

  /** A node of the former version sets values for its keys as ever; it knows no order of them. */
  @ParameterizedTest
  @EnumSource(names = {"BATCH", "GET"})
  @Order(4)
  void aValueForAKeyOfTheFormerVersionIsSetByItAlone(ClusterSite site) throws IOException {
    Members cluster = cluster(site);
    Member former = cluster.get(0);
    String key = cluster.freshKey(former);
    assertSet(cluster, former, key, "set by itself");
    for (Member setter : cluster.all().subList(1, 3)) {
      Answer answer = setter.put(key, "lost");
      assertThat(answer.code()).as("%s", answer).isEqualTo(502);
      assertThat(answer.header("Geecache-Status")).isEqualTo("not-reached");
      assertThat(answer.text()).contains("stored nowhere for sure", former.url());
      for (Member other : cluster.all().subList(1, 3)) {
        assertThat(answer.text()).doesNotContain(other.url());
      }
      cluster.assertAnswered(List.of(key)); // The source has what all are to see now.
    }
  }

  /** Its entries are not handed over: it cannot say which removals it knew. */
  @ParameterizedTest
  @EnumSource(names = {"BATCH", "GET"})
  @Order(5)
  void aNodeThatIsUpdatedIsOneOfAll(ClusterSite site) throws IOException {
    Members cluster = cluster(site);
    Member updated = cluster.get(0);
    String key = cluster.freshKey(updated);
    cluster.assertAnswered(List.of(key));
    updated.container().undeploy(site.contextPath());
    Awaitility.await("the end of " + updated).atMost(LIMIT).until(() -> !updated.answers());
    for (Member member : cluster.all().subList(1, 3)) {
      member.assertAnswers(key, key);
    }
    deploy(updated, false);
    awaitContact(cluster);
    for (Member setter : cluster.all()) {
      for (Member owner : cluster.all()) {
        String fresh = cluster.freshKey(owner);
        cluster.assertAnswered(List.of(fresh));
        assertSet(cluster, setter, fresh, "set by " + setter);
        assertChanged(setter.delete(fresh));
        cluster.assertAnswered(List.of(fresh));
      }
    }
  }
}
