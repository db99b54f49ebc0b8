package geecache.http;

import static geecache.Certificates.PASSWORD;
import static geecache.http.CountedSource.keysOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.Certificates;
import geecache.Group;
import geecache.LogCapture;
import geecache.testing.Fault;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes whose URLs are of https, each of which demands a certificate of whoever asks it. */
@Timeout(120)
class PeerTlsTest {
  private static final String SECRET = "a-secret-for-these-tests";

  @TempDir private static Path made;
  private static Certificates ours;
  private static Certificates strangers;
  private static Path trusted;
  private static Path node;
  private static Path stranger;

  @TempDir private Path directory;

  private final CountedSource source = new CountedSource();

  @BeforeAll
  static void make() throws Exception {
    ours = new Certificates(made.resolve("ours"), "ours");
    strangers = new Certificates(made.resolve("strangers"), "strangers");
    trusted = ours.trusted();
    node = ours.node("node");
    stranger = strangers.node("stranger");
  }

  /** Nodes that all trust each other. */
  private TestCluster.Builder cluster(int nodes) {
    return TestCluster.builder()
        .nodes(nodes)
        .secret(SECRET)
        .tlsFronts(index -> ours.server(node))
        .setting("geecache.tls-trust-store", trusted.toString())
        .setting("geecache.tls-trust-store-password", PASSWORD)
        .setting("geecache.tls-key-store", node.toString())
        .setting("geecache.tls-key-store-password", PASSWORD)
        .groups((index, geecache) -> geecache.group("db").register(source.at(index)));
  }

  private static Group db(TestNode node) {
    return node.group("db");
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "get"})
  void nodesAskAndTellEachOther(String how) throws Exception {
    try (TestCluster cluster = cluster(3).peerRequests(how).start()) {
      cluster.awaitContact();
      assertThat(cluster.urls()).allMatch(url -> url.startsWith("https://"));
      List<String> keys = keysOf(cluster.node(2), "key", 200);
      assertThat(db(cluster.node(0)).getAll(keys)).hasSize(keys.size());
      for (TestNode asking : cluster.nodes()) {
        assertThat(db(asking).get(keys.get(0))).hasToString("key:" + keys.get(0));
      }
      assertThat(source.loads()).hasSize(keys.size()).containsOnly(2);

      db(cluster.node(1)).remove(keys.get(0));
      assertThat(db(cluster.node(0)).get(keys.get(0))).hasToString("key:" + keys.get(0));
      assertThat(source.loadsOf(keys.get(0))).containsExactly(2, 2);

      db(cluster.node(1)).set(keys.get(1), ByteView.of("set"), null);
      for (TestNode asking : cluster.nodes()) {
        assertThat(db(asking).get(keys.get(1))).hasToString("set");
      }
    }
  }

  /** What it has is right; it comes of its own source. */
  @Test
  void aNodeWithoutACertificateIsRefusedAndSaysSo() throws Exception {
    try (LogCapture log = new LogCapture("geecache.cluster", Level.INFO);
        TestCluster cluster =
            cluster(2)
                .setting(0, "geecache.tls-key-store", "")
                .setting(0, "geecache.tls-key-store-password", "")
                .start()) {
      awaitTrouble(
          log,
          cluster.node(1),
          "it wants a certificate, and this node showed none that it accepts");
      requireAlone(cluster.node(0), cluster.node(1));
    }
  }

  @Test
  void aNodeWithACertificateOfStrangersIsRefusedAndSaysSo() throws Exception {
    try (LogCapture log = new LogCapture("geecache.cluster", Level.INFO);
        TestCluster cluster =
            cluster(2).setting(0, "geecache.tls-key-store", stranger.toString()).start()) {
      awaitTrouble(
          log,
          cluster.node(1),
          "it wants a certificate, and this node showed none that it accepts");
      requireAlone(cluster.node(0), cluster.node(1));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "stranger, its certificate is not trusted; is the authority that signed it in geecache.tls-ca or geecache.tls-trust-store?",
    "namesake, its certificate is not trusted; is the authority that signed it in geecache.tls-ca or geecache.tls-trust-store?",
    "elsewhere, its certificate is not for the host in its URL",
    "expired, 'its certificate, or one that signed it, has expired'"
  })
  void aPeerThatShowsAWrongCertificateIsNotAskedAndTheLogSaysWhy(String shown, String why)
      throws Exception {
    Certificates others =
        switch (shown) {
          case "stranger" -> strangers;
          case "namesake" -> new Certificates(directory, "ours");
          default -> ours;
        };
    Path keys =
        switch (shown) {
          case "elsewhere" -> others.elsewhere();
          case "expired" -> others.expired();
          default -> others.node(shown + "s");
        };
    try (LogCapture log = new LogCapture("geecache.cluster", Level.INFO);
        TestCluster cluster =
            cluster(2).tlsFronts(i -> i == 1 ? others.server(keys) : ours.server(node)).start()) {
      awaitTrouble(log, cluster.node(1), why);
      requireAlone(cluster.node(0), cluster.node(1));
      assertThat(cluster.node(1).front().requests()).isZero();
    }
  }

  @Test
  void aPeerThatSpeaksNoTlsIsNotAskedAndTheLogSaysWhy() throws Exception {
    try (LogCapture log = new LogCapture("geecache.cluster", Level.INFO);
        TestCluster cluster = TestCluster.of(2)) {
      TestNode asking = cluster.node(0);
      String url = cluster.node(1).url().replace("http:", "https:");
      asking.pool().set(List.of(asking.url(), url));
      awaitTrouble(
          log, url, "it does not speak TLS at this port; should its URL begin with http:?");
    }
  }

  private static void awaitTrouble(LogCapture log, TestNode with, String why) {
    awaitTrouble(log, with.url(), why);
  }

  private static void awaitTrouble(LogCapture log, String with, String why) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(log.messages())
                    .anyMatch(
                        m ->
                            m.replaceFirst(" for \\d+ s:", ":")
                                .startsWith("WARNING no contact with " + with + ": TLS: " + why)));
  }

  /** Every value that {@code alone} has is of its own loads. */
  private void requireAlone(TestNode alone, TestNode other) throws Exception {
    assertThat(alone.pool().inContact()).isEmpty();
    for (String key : keysOf(other, "key", 5)) {
      db(other).get(key);
      assertThat(db(alone).get(key)).hasToString("key:" + key);
      assertThat(source.loadsOf(key)).containsExactly(other.index(), alone.index());
    }
    assertThat(db(alone).stats().fetches()).isZero();
  }

  /** As when its authority is another from now on. */
  @Test
  void filesThatAreReplacedCountFromTheNextConnectionOn() throws Exception {
    Path store = Files.copy(trusted, directory.resolve("trusted"));
    try (LogCapture log = new LogCapture("geecache.cluster", Level.INFO);
        TestCluster cluster =
            cluster(2).setting(0, "geecache.tls-trust-store", store.toString()).start()) {
      cluster.awaitContact();
      TestNode asking = cluster.node(0);
      TestNode asked = cluster.node(1);
      List<String> keys = keysOf(asked, "key", 50);
      db(asking).get(keys.get(0));
      assertThat(source.loadsOf(keys.get(0))).containsExactly(1);

      replace(store, strangers.trusted());
      asked.front().script(Fault.RESET, Fault.RESET, Fault.RESET);
      for (int i = 1; asking.pool().inContact().contains(asked.url()); i++) {
        assertThat(db(asking).get(keys.get(i))).hasToString("key:" + keys.get(i));
      }
      assertThat(log.messages())
          .anyMatch(
              m ->
                  m.startsWith(
                      "INFO lost contact with "
                          + asked.url()
                          + ": 3 requests in a row failed, the last: TLS: its certificate is not trusted"));

      replace(store, trusted);
      cluster.awaitContact();
    }
  }

  private void replace(Path file, Path by) throws Exception {
    Path next = Files.copy(by, directory.resolve("next"));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
