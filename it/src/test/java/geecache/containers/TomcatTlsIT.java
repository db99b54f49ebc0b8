package geecache.containers;

import static geecache.Certificates.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.Certificates;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Applications in one Tomcat ask each other at its port for TLS, which demands a certificate. */
@Tag("heavy")
final class TomcatTlsIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static Map<String, String> settings(Tomcat tomcat, String self, String... peers) {
    String base = "https://127.0.0.1:" + tomcat.tlsPort();
    return new LinkedHashMap<>(
        ClusterSite.BATCH.settings(
            base + self, Stream.of(peers).map(peer -> base + peer).toList()));
  }

  @Test
  void applicationsAskEachOtherAndOneWithoutACertificateIsRefused() throws Exception {
    Tomcat made = new Tomcat("tls-tomcat", "apache-tomcat-11.");
    Certificates certificates = new Certificates(made.instance().resolve("tls"), "ours");
    Path trusted = certificates.trusted();
    Path keys = certificates.node("node");
    made.demandCertificates(keys, trusted, PASSWORD);
    try (Tomcat tomcat = made) {
      tomcat.start();
      for (String self : List.of("/one", "/two", "/bare")) {
        Map<String, String> settings =
            self.equals("/bare")
                ? settings(tomcat, self, "/one", "/bare")
                : settings(tomcat, self, "/one", "/two");
        settings.put("geecache.tls-trust-store", trusted.toString());
        settings.put("geecache.tls-trust-store-password", PASSWORD);
        if (!self.equals("/bare")) {
          settings.put("geecache.tls-key-store", keys.toString());
          settings.put("geecache.tls-key-store-password", PASSWORD);
        }
        tomcat.deploy(new Wars(tomcat.instance().resolve("wars")).member(settings), self);
      }
      try (Client client = new Client(tomcat.port())) {
        Awaitility.await("the nodes to ask each other")
            .atMost(LIMIT)
            .ignoreExceptions() // As long as they are not deployed.
            .until(() -> isAsked(client, "/one", "/two") && isAsked(client, "/two", "/one"));
        requireRemoval(client);
      }
      Awaitility.await("the refusal")
          .atMost(LIMIT)
          .until(
              () ->
                  Pattern.compile(
                          "no contact with https://127.0.0.1:%d/one for \\d+ s: TLS: it wants a certificate"
                              .formatted(tomcat.tlsPort()))
                      .matcher(tomcat.output())
                      .find());
      assertThat(tomcat.output()).doesNotContain(PASSWORD);
      for (String self : List.of("/one", "/two", "/bare")) {
        tomcat.undeploy(self);
        tomcat.awaitUndeployed(self);
      }
      assertThat(tomcat.output()).doesNotContain("memory leak");
    }
  }

  /** Whether {@code asking} has the value of a key that {@code owner} owns, and loaded. */
  private static boolean isAsked(Client client, String asking, String owner) throws IOException {
    String key = UUID.randomUUID().toString();
    while (client.get(owner + "/owns?key=" + key).text().equals("false")) {
      key = UUID.randomUUID().toString();
    }
    Answer answer = client.get(asking + "/_geecache/echo?key=" + key);
    return answer.code() == 200
        && answer.text().equals(key)
        && loads(client, owner, key) == 1
        && loads(client, asking, key) == 0;
  }

  private static int loads(Client client, String node, String key) throws IOException {
    return Integer.parseInt(client.get(node + "/loads?key=" + key).text());
  }

  private static void requireRemoval(Client client) throws IOException {
    String target = "/_geecache/echo?key=removed";
    client.get("/one" + target);
    client.get("/two" + target);
    int before = loads(client, "/one", "removed") + loads(client, "/two", "removed");
    Answer removal = client.send("DELETE", "/one" + target, ClusterSite.CREDENTIALS, null);
    assertThat(removal.code()).isEqualTo(204);
    assertThat(client.get("/two" + target).text()).isEqualTo("removed");
    assertThat(loads(client, "/one", "removed") + loads(client, "/two", "removed"))
        .isEqualTo(before + 1);
  }
}
