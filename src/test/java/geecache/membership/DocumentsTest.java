package geecache.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What the documentation has to copy is whole, and agrees with itself. */
class DocumentsTest {
  private static final Pattern MANIFESTS = Pattern.compile("(?s)```yaml\n(.*?)```");

  private final List<Object> manifests = new ArrayList<>();

  DocumentsTest() throws IOException {
    Matcher blocks = MANIFESTS.matcher(Files.readString(Path.of("docs", "kubernetes.md")));
    while (blocks.find()) {
      new Load(LoadSettings.builder().build())
          .loadAllFromString(blocks.group(1))
          .forEach(manifests::add);
    }
  }

  private Object manifest(String kind, String name) {
    return manifests.stream()
        .filter(each -> at(each, "kind").equals(kind) && at(each, "metadata", "name").equals(name))
        .reduce((one, other) -> List.of("twice", kind, name))
        .orElseThrow();
  }

  /** Follows keys of maps and indices of lists. */
  private static Object at(Object from, Object... path) {
    Object found = from;
    for (Object step : path) {
      found =
          step instanceof Integer index
              ? ((List<?>) found).get(index)
              : ((Map<?, ?>) found).get(step);
      assertThat(found).as("%s of %s", step, List.of(path)).isNotNull();
    }
    return found;
  }

  private Object pod() {
    return at(manifest("Deployment", "geecache"), "spec", "template", "spec");
  }

  private Object container() {
    return at(pod(), "containers", 0);
  }

  /** Returns an entry of the container's environment. */
  private Object environment(String name) {
    return ((List<?>) at(container(), "env"))
        .stream().filter(each -> at(each, "name").equals(name)).findAny().orElseThrow();
  }

  @Test
  void theNodesAreInDnsBeforeTheyAreReadyAndOnce() {
    Object service = manifest("Service", "geecache-nodes");
    assertThat(at(service, "spec", "clusterIP")).isEqualTo("None");
    assertThat(at(service, "spec", "publishNotReadyAddresses")).isEqualTo(true);
    assertThat(at(service, "spec", "ipFamilyPolicy")).isEqualTo("SingleStack");
  }

  @Test
  void theNodesAreLookedUpAtThePortOfThePods() {
    URI nodes = URI.create((String) at(environment("GEECACHE_DNS"), "value"));
    DnsOptions options = new DnsOptions(nodes, Duration.ofSeconds(5), List.of());
    Object service = manifest("Service", options.name());
    Object port = at(container(), "ports", 0, "containerPort");
    assertThat(nodes.getPort()).isEqualTo(port);
    assertThat(at(service, "spec", "ports", 0, "port")).isEqualTo(port);
    assertThat(at(environment("GEECACHE_SELF"), "value")).isEqualTo(options.url("$(POD_IP)"));
    assertThat(at(environment("POD_IP"), "valueFrom", "fieldRef", "fieldPath"))
        .isEqualTo("status.podIP");
    assertThat(at(manifest("Service", "geecache"), "spec", "ports", 0, "targetPort"))
        .isEqualTo(port);
  }

  @Test
  void theSelectorsSelectThePods() {
    Object labels =
        at(manifest("Deployment", "geecache"), "spec", "template", "metadata", "labels");
    for (Object selector :
        List.of(
            at(manifest("Service", "geecache"), "spec", "selector"),
            at(manifest("Service", "geecache-nodes"), "spec", "selector"),
            at(manifest("Deployment", "geecache"), "spec", "selector", "matchLabels"),
            at(manifest("PodDisruptionBudget", "geecache"), "spec", "selector", "matchLabels"))) {
      assertThat(selector).isEqualTo(labels);
    }
  }

  @Test
  void theSecretIsThatOfTheSecret() {
    Object reference = at(environment("GEECACHE_SECRET"), "valueFrom", "secretKeyRef");
    Object secret = manifest("Secret", (String) at(reference, "name"));
    assertThat((String) at(secret, "stringData", at(reference, "key"))).hasSizeGreaterThan(15);
  }

  @Test
  void theHookLeavesWithinTheTimeThatThePodHas() {
    String command = (String) at(container(), "lifecycle", "preStop", "exec", "command", 2);
    assertThat(command)
        .isEqualTo(
            "curl -sS -m 35 -X POST -H \"Authorization: Bearer ${GEECACHE_SECRET%%,*}\""
                + " http://localhost:8080/_cluster/leave; sleep 5");
    assertThat((Integer) at(pod(), "terminationGracePeriodSeconds")).isGreaterThan(35 + 5 + 10);
  }

  @Test
  void theProbesAskForHealth() {
    assertThat(at(container(), "readinessProbe", "httpGet", "path")).isEqualTo("/health/ready");
    for (String probe : List.of("livenessProbe", "startupProbe")) {
      assertThat(at(container(), probe, "httpGet", "path")).isEqualTo("/health/live");
    }
  }

  /** A service named geecache would set GEECACHE_PORT in every pod. */
  @Test
  void noServiceSetsSettings() {
    assertThat(at(pod(), "enableServiceLinks")).isEqualTo(false);
  }
}
