package geecache.containers;

import static geecache.containers.SharedSource.valueOf;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.Callers;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** One ring of two nodes in Java and two of golang/groupcache. The last test kills one of each. */
@Tag("go")
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class GoRingIT {
  private static final int KEYS = Integer.getInteger("go.keys", 10_000);
  private static final int CALLERS = 100;
  private static final int THREADS = 8;

  /** What neither containers nor Go's own client and server get wrong in a path. */
  private static final List<String> SHAPES =
      List.of(
          "key-%d", "user:%d", "%d+1", "x=%d&y", "\u4e2d\u6587-%d", "a.b~c_%d", "%d,\uD83D\uDE00");

  private final GoRing ring = new GoRing();
  private final Random random = new Random(7);

  GoRingIT() throws IOException {}

  @BeforeAll
  void start() throws IOException {
    ring.start();
  }

  @AfterAll
  void end() {
    ring.close();
  }

  private interface KeyTask {
    void run(String key) throws Exception;
  }

  /** Several at the same time. */
  private static void forEach(List<String> keys, KeyTask task) throws Exception {
    try (Callers callers = new Callers()) {
      List<CompletableFuture<Void>> parts = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int first = i;
        parts.add(
            callers.call(
                () -> {
                  for (int k = first; k < keys.size(); k += THREADS) {
                    task.run(keys.get(k));
                  }
                  return null;
                }));
      }
      for (CompletableFuture<Void> part : parts) {
        part.get();
      }
    }
  }

  private void assertAnswers(String node, String key) throws Exception {
    HttpResponse<String> answer = ring.get(node, key);
    assertThat(answer.statusCode()).as("%s of %s: %s", key, node, answer.body()).isEqualTo(200);
    assertThat(answer.body()).as("%s of %s", key, node).isEqualTo(valueOf(key));
  }

  private static List<String> keys() {
    return IntStream.range(0, KEYS)
        .mapToObj(i -> SHAPES.get(i % SHAPES.size()).formatted(i))
        .toList();
  }

  @Test
  @Order(1)
  void eachKeyIsLoadedOnceByTheOwnerThatAllSidesName() throws Exception {
    List<String> keys = keys();
    List<String> nodes = ring.urls();
    List<String> askers = keys.stream().map(key -> nodes.get(random.nextInt(4))).toList();

    List<String> numbered = IntStream.range(0, KEYS).mapToObj(String::valueOf).toList();
    forEach(numbered, i -> assertAnswers(askers.get(at(i)), keys.get(at(i))));
    forEach(
        keys,
        key -> {
          for (String node : nodes) {
            assertAnswers(node, key);
          }
        });

    forEach(
        keys,
        key -> {
          String owner = ring.ownerOf(key);
          assertThat(ring.source().loadsOf(key)).as("loads of %s", key).containsExactly(owner);
          assertThat(ring.ownersAsTold(key)).as("owners of %s", key).isEqualTo(owner);
        });
  }

  private static int at(String number) {
    return Integer.parseInt(number);
  }

  @Test
  @Order(2)
  void manyCallersOfAColdKeyOnAllNodesMakeOneLoad() throws Exception {
    for (String owner : ring.urls()) {
      String key = ring.keyOf(owner, "cold");
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        answers.add(ring.begin(ring.urls().get(i % 4), key));
      }
      ring.source().awaitLoadOf(key);
      ring.source().open(key);
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        assertThat(answer.get().body()).isEqualTo(valueOf(key));
      }
      assertThat(ring.source().loadsOf(key)).containsExactly(owner);
    }
  }

  /** Go's server is sent {@code %20}; a node reads the {@code +} of Go's client as a space. */
  @Test
  @Order(3)
  void aSpaceIsKeptBetweenJavaAndGo() throws Exception {
    for (String java : ring.javaUrls()) {
      for (String go : ring.goUrls()) {
        for (String start : List.of("a b", "a+b", " +")) {
          assertLoadedBy(go, java, start);
          assertLoadedBy(java, go, start);
        }
      }
    }
  }

  @Test
  @Order(4)
  void whatAPathCannotCarryToJavaIsCarriedToGo() throws Exception {
    for (String go : ring.goUrls()) {
      for (String start : List.of("a/b", "x/%2F", "a\\b", "a;b", "a?b", "a#b", "a%b")) {
        assertLoadedBy(go, ring.javaUrls().get(0), start);
      }
    }
  }

  private static String number(String url) {
    return url.replaceAll("\\D", "");
  }

  private void assertLoadedBy(String owner, String asker, String start) throws Exception {
    String key = ring.keyOf(owner, start + number(asker));
    assertAnswers(asker, key);
    assertThat(ring.source().loadsOf(key))
        .as("loads of %s, asked at %s", key, asker)
        .containsExactly(owner);
  }

  /** Tomcat and Jetty refuse {@code %2F} themselves; Go's ServeMux sends // and .. elsewhere. */
  @Test
  @Order(5)
  void aKeyThatCannotBeAskedForIsLoadedByWhoWantsIt() throws Exception {
    for (String asker : ring.urls()) {
      for (String owner : ring.urls()) {
        for (String start : List.of("a/b", "a//b", "a/../b", "/a", "a/./b", "%2F", "%25")) {
          assertAnswers(asker, ring.keyOf(owner, start + number(asker)));
        }
      }
    }
  }

  @Test
  @Order(6)
  void aRemovalNamesTheGoNodesAndReachesTheOthers() throws Exception {
    for (int i = 0; i < 2; i++) {
      String owner = ring.javaUrls().get(i);
      String other = ring.javaUrls().get(1 - i);
      String key = ring.keyOf(owner, "removed");
      assertAnswers(other, key);
      HttpResponse<String> answer = ring.delete(other, key);
      assertThat(answer.statusCode()).isEqualTo(502);
      assertThat(answer.body()).contains(ring.goUrls()).doesNotContain(ring.javaUrls());
      assertAnswers(other, key);
      assertThat(ring.source().loadsOf(key)).containsExactly(owner, owner);
    }
  }

  @Test
  @Order(7)
  void whoIsKilledIsMissedByNobody() throws Exception {
    List<String> keys = IntStream.range(0, 1_000).mapToObj(i -> "left-" + i).toList();
    List<String> alive = List.of(ring.javaUrls().get(0), ring.goUrls().get(0));
    ring.killGoNode();
    ring.killJetty();
    forEach(
        keys,
        key -> {
          for (String node : alive) {
            assertAnswers(node, key);
          }
        });
    // Of the two that are left, each loads what nobody else has loaded, and none loads it twice.
    forEach(keys, key -> assertThat(ring.source().loadsOf(key)).hasSizeBetween(1, 2));
  }
}
