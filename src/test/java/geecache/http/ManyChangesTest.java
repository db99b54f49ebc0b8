package geecache.http;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.LiveThreads;
import geecache.testing.Fault;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many changes at once, while the other two nodes are silent. */
@Timeout(120)
class ManyChangesTest {
  private static final String SECRET = "a-secret-for-these-tests";

  private final CountedSource source = new CountedSource();
  private TestCluster cluster;
  private HttpClient client;

  private void start(int maxChanges, String peerTimeout) throws Exception {
    cluster =
        TestCluster.builder()
            .nodes(3)
            .secret(SECRET)
            .setting("geecache.peer-timeout", peerTimeout)
            .setting("geecache.max-changes", String.valueOf(maxChanges))
            .fronts()
            .groups((i, node) -> node.group("db").register(source.at(i)))
            .start();
    cluster.awaitContact();
    client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    for (int peer : new int[] {1, 2}) {
      cluster.node(peer).front().onlyFor(head -> head.target().startsWith("/_cluster/changes"));
      cluster.node(peer).front().become(Fault.SILENT);
    }
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private CompletableFuture<HttpResponse<String>> delete(String key) {
    URI url = URI.create(cluster.node(0).url() + "/_geecache/db/" + key);
    HttpRequest request =
        HttpRequest.newBuilder(url).header("Authorization", "Bearer " + SECRET).DELETE().build();
    return client.sendAsync(request, BodyHandlers.ofString());
  }

  private static int silent(TestNode peer) {
    return peer.front().requests(Fault.SILENT);
  }

  private void awaitSilence() {
    await().until(() -> silent(cluster.node(1)) > 0 && silent(cluster.node(2)) > 0);
  }

  private static List<String> threadsOfNodes() {
    return LiveThreads.named("geecache-").stream()
        .filter(name -> !name.startsWith("geecache-testing-"))
        .toList();
  }

  @Test
  void theyTakeNoThreadEachAndAllAreAnswered() throws Exception {
    int before = threadsOfNodes().size();
    start(1_000, "5s");
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      answers.add(delete("k" + i));
    }
    awaitSilence();
    List<String> most = new ArrayList<>();
    await()
        .atMost(Duration.ofMinutes(1))
        .until(
            () -> {
              List<String> now = threadsOfNodes();
              if (now.size() > most.size()) {
                most.clear();
                most.addAll(now);
              }
              return answers.stream().allMatch(CompletableFuture::isDone);
            });
    assertThat(most).isNotEmpty().hasSizeLessThanOrEqualTo(before + 64);
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertThat(result(answer).statusCode()).isEqualTo(502);
      assertThat(result(answer).body())
          .contains(cluster.node(1).url(), cluster.node(2).url())
          .doesNotContain(cluster.node(0).url());
    }
  }

  @Test
  void oneBeyondTheBoundIsRefusedAndNothingIsRemoved() throws Exception {
    start(2, "30s");
    String key = CountedSource.keysOf(cluster.node(0), "k", 1).get(0);
    cluster.node(0).group("db").get(key);
    CompletableFuture<HttpResponse<String>> first = delete("a");
    CompletableFuture<HttpResponse<String>> second = delete("b");
    awaitSilence();
    await().until(() -> cluster.node(0).pool().clusterNode().changesUnderWay() == 2);

    HttpResponse<String> refused = result(delete(key));

    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("Retry-After")).contains("1");
    assertThat(refused.headers().firstValue("Geecache-Status")).contains("overloaded");
    assertThat(refused.body()).isEqualTo("overloaded: 2 changes are under way on this node\n");
    assertThat(cluster.node(0).group("db").stats().entries()).isEqualTo(1);
    for (int peer : new int[] {1, 2}) { // Which lets those go that it holds.
      cluster.node(peer).front().become(Fault.RESET);
    }
    assertThat(result(first).statusCode()).isEqualTo(502);
    assertThat(result(second).statusCode()).isEqualTo(502);
    assertThat(result(delete(key)).statusCode()).as("there is room again").isEqualTo(502);
    assertThat(cluster.node(0).group("db").stats().entries()).isZero();
  }
}
