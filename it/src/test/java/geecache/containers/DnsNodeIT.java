package geecache.containers;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.membership.DnsServer;
import geecache.membership.DnsServer.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A Tomcat whose node is told by a name server who the nodes are. */
@Tag("heavy")
final class DnsNodeIT {
  private static final ClusterSite SITE = ClusterSite.BATCH;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @Test
  void aNodeFindsItselfAndLeavesNothingBehind() throws Exception {
    try (DnsServer server = new DnsServer("nodes.test").v4(Answer.of("127.0.0.1")).v6(Answer.of());
        Tomcat tomcat = new Tomcat("dns-tomcat", "apache-tomcat-11.")) {
      tomcat.start();
      String url = "http://127.0.0.1:" + tomcat.port() + SITE.contextPath();
      Map<String, String> settings = new LinkedHashMap<>(SITE.settings("", List.of()));
      settings.put("geecache.membership", "dns");
      settings.put("geecache.dns", url.replace("127.0.0.1", "nodes.test."));
      settings.put("geecache.dns-interval", "200ms");
      settings.put("geecache.dns-servers", "127.0.0.1:" + server.address().getPort());
      Path war = new Wars(tomcat.instance().resolve("wars")).member(settings);
      tomcat.deploy(war, SITE.contextPath());
      awaitOutput(tomcat, url + " is this node itself");
      assertThat(tomcat.output()).contains("the nodes of nodes.test. are [" + url + "]");

      tomcat.undeploy(SITE.contextPath());
      tomcat.awaitUndeployed(SITE.contextPath());
      assertThat(server.questions("udp A")).isPositive();
      assertThat(tomcat.output()).doesNotContain("memory leak");
    }
  }

  private static void awaitOutput(Container container, String text) {
    Awaitility.await(text).atMost(LIMIT).until(() -> container.output().contains(text));
  }
}
