package geecache.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The alerts and the dashboard of {@code deploy/} ask for metrics that there are, and {@code
 * docs/operations.md} tells what to do about each alert.
 */
class OperationsDocumentTest {
  private static final Path RULES = Path.of("deploy/prometheus/geecache.rules.yml");
  private static final Path RULES_TEST = Path.of("deploy/prometheus/geecache.rules.test.yml");
  private static final Path DASHBOARD = Path.of("deploy/grafana/geecache.json");
  private static final Path DOCUMENT = Path.of("docs/operations.md");
  private static final Pattern METRIC = Pattern.compile("(?<![\\w:])(?:geecache|cache)_[a-z0-9_]+");

  private static List<Map<String, Object>> alerts() throws IOException {
    List<Map<String, Object>> alerts = new ArrayList<>();
    for (Map<String, Object> group : maps(yaml(RULES).get("groups"))) {
      maps(group.get("rules")).stream()
          .filter(rule -> rule.containsKey("alert"))
          .forEach(alerts::add);
    }
    return alerts;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> yaml(Path file) throws IOException {
    return (Map<String, Object>)
        new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> maps(Object list) {
    return (List<Map<String, Object>>) list;
  }

  private static JsonObject dashboard() throws IOException {
    try (JsonReader reader = Json.createReader(new StringReader(Files.readString(DASHBOARD)))) {
      return reader.readObject();
    }
  }

  private static List<String> queries() throws IOException {
    List<String> queries = new ArrayList<>();
    for (JsonObject panel : dashboard().getJsonArray("panels").getValuesAs(JsonObject.class)) {
      if (panel.containsKey("targets")) {
        panel.getJsonArray("targets").getValuesAs(JsonObject.class).stream()
            .map(target -> target.getString("expr"))
            .forEach(queries::add);
      }
    }
    return queries;
  }

  @Test
  void eachAlertHasItsPartOfTheDocument() throws Exception {
    String document = Files.readString(DOCUMENT);
    assertThat(alerts()).hasSize(10);
    for (Map<String, Object> alert : alerts()) {
      String name = (String) alert.get("alert");
      assertThat(document).contains("\n### " + name + "\n");
      assertThat(((Map<?, ?>) alert.get("annotations")).get("runbook"))
          .isEqualTo("docs/operations.md#" + name.toLowerCase(Locale.ROOT));
    }
    assertThat(document.lines().filter(line -> line.startsWith("### "))).hasSameSizeAs(alerts());
  }

  @Test
  void eachAlertHasACaseInWhichItFiresAndOneInWhichItIsSilent() throws Exception {
    Set<String> fires = new TreeSet<>();
    Set<String> silent = new TreeSet<>();
    for (Map<String, Object> test : maps(yaml(RULES_TEST).get("tests"))) {
      for (Map<String, Object> one : maps(test.get("alert_rule_test"))) {
        (one.containsKey("exp_alerts") ? fires : silent).add((String) one.get("alertname"));
      }
    }
    List<String> all = alerts().stream().map(alert -> (String) alert.get("alert")).toList();
    assertThat(fires).containsExactlyInAnyOrderElementsOf(all);
    assertThat(silent).containsExactlyInAnyOrderElementsOf(all);
  }

  @Test
  void eachMetricIsInTheDocumentOfMetrics() throws Exception {
    String metrics = Files.readString(Path.of("docs/metrics.md"));
    Set<String> asked = new TreeSet<>();
    for (String text : List.of(String.join("\n", queries()), Files.readString(RULES))) {
      for (Matcher name = METRIC.matcher(text); name.find(); ) {
        asked.add(name.group().replaceFirst("(_seconds)_(bucket|count|sum)$", "$1"));
      }
    }
    assertThat(asked)
        .hasSizeGreaterThan(30)
        .allSatisfy(name -> assertThat(metrics).contains("| `" + name + "` |"));
  }

  @Test
  void panelsOfTheDashboardAreApart() throws Exception {
    List<JsonObject> panels = dashboard().getJsonArray("panels").getValuesAs(JsonObject.class);
    assertThat(panels).extracting(panel -> panel.getInt("id")).doesNotHaveDuplicates();
    assertThat(panels).extracting(panel -> panel.getString("title")).isNotEmpty();
    for (JsonObject one : panels) {
      for (JsonObject other : panels) {
        assertThat(one == other || areApart(one, other))
            .as(one.getString("title") + ", " + other.getString("title"))
            .isTrue();
      }
      JsonObject at = one.getJsonObject("gridPos");
      assertThat(at.getInt("x") + at.getInt("w")).isLessThanOrEqualTo(24);
    }
  }

  private static boolean areApart(JsonObject one, JsonObject other) {
    JsonObject a = one.getJsonObject("gridPos");
    JsonObject b = other.getJsonObject("gridPos");
    return a.getInt("x") + a.getInt("w") <= b.getInt("x")
        || b.getInt("x") + b.getInt("w") <= a.getInt("x")
        || a.getInt("y") + a.getInt("h") <= b.getInt("y")
        || b.getInt("y") + b.getInt("h") <= a.getInt("y");
  }
}
