package geecache.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.testing.TestCluster;
import io.micrometer.core.instrument.Tag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/metrics.md} lists the meters that there are. {@code mvn test
 * -Dtest=MetricsDocumentTest -Dmetrics.write} writes the tables into it. Who renames a meter breaks
 * dashboards and alerts: it belongs into the changes.
 */
class MetricsDocumentTest {
  private static final Path DOCUMENT = Path.of("docs", "metrics.md");
  private static final String TIMER = "histogram";

  /** A line of a table; meters of one name share it. */
  private static final class Row {
    private final String kind;
    private final String description;
    private final Set<String> labels = new TreeSet<>();

    Row(String kind, String description) {
      this.kind = kind;
      this.description = description;
    }
  }

  @Test
  void theTablesOfTheDocumentAreThoseOfTheCode() throws Exception {
    String text = Files.readString(DOCUMENT);
    String expected = text;
    for (Map.Entry<String, Map<String, Row>> table : tables().entrySet()) {
      expected = withTable(expected, table.getKey(), table.getValue());
    }
    if (System.getProperty("metrics.write") != null) {
      Files.writeString(DOCUMENT, expected);
    }
    assertThat(Files.readString(DOCUMENT)).isEqualTo(expected);
  }

  /** With the kind of each, and the longest wait, load and round trip lately, as a gauge. */
  @Test
  void thePageOfANodeHasExactlyThese() throws Exception {
    Map<String, String> kinds = new LinkedHashMap<>();
    tables()
        .values()
        .forEach(
            table ->
                table.forEach(
                    (name, row) -> {
                      kinds.put(name, row.kind);
                      if (row.kind.equals(TIMER)) {
                        kinds.put(name + "_max", "gauge");
                      }
                    }));
    try (TestCluster cluster =
        TestCluster.builder()
            .nodes(2)
            .groups(node -> node.group("users").register(key -> key.getBytes(UTF_8)))
            .start()) {
      Matcher types =
          Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$")
              .matcher(cluster.node(0).request("GET", "/metrics", Map.of(), null).text());
      Map<String, String> found = new LinkedHashMap<>();
      while (types.find()) {
        assertThat(found.put(types.group(1), types.group(2))).isNull();
      }
      assertThat(found).containsExactlyInAnyOrderEntriesOf(kinds);
    }
  }

  private static Map<String, Map<String, Row>> tables() {
    Map<String, Map<String, Row>> tables = new LinkedHashMap<>();
    tables.put(
        "cache", rows(GroupFigures.OF_ANY_CACHE, List.of(), "cache", "cache_manager", "name"));
    tables.put("group", rows(GroupFigures.OWN, GroupFigures.TIMED, "group"));
    tables.put("node", rows(NodeFigures.OF_NODE, List.of()));
    tables.put("cluster", rows(NodeFigures.OF_CLUSTER, List.of()));
    tables.put("peer", rows(NodeFigures.OF_PEER, NodeFigures.PEER_TIMED, "peer"));
    return tables;
  }

  private static <S, T> Map<String, Row> rows(
      List<Figure<S>> figures, List<Timed<T>> timed, String... labels) {
    Map<String, Row> rows = new LinkedHashMap<>();
    for (Figure<S> figure : figures) {
      boolean counter = figure.kind() == Figure.Kind.COUNTER;
      String name =
          figure.name().replace('.', '_')
              + (figure.unit() == null ? "" : "_" + figure.unit())
              + (counter ? "_total" : "");
      Row row =
          rows.computeIfAbsent(
              name, n -> new Row(counter ? "counter" : "gauge", figure.description()));
      assertThat(row.description).isEqualTo(figure.description());
      add(row, figure.tags(), labels);
    }
    for (Timed<T> each : timed) {
      Row row =
          rows.computeIfAbsent(
              each.name().replace('.', '_') + "_seconds", n -> new Row(TIMER, each.description()));
      assertThat(row.description).isEqualTo(each.description());
      add(row, each.tags(), labels);
    }
    return rows;
  }

  private static void add(Row row, Iterable<Tag> tags, String... labels) {
    row.labels.addAll(List.of(labels));
    tags.forEach(tag -> row.labels.add(tag.getKey() + "=" + tag.getValue()));
  }

  private static String withTable(String text, String name, Map<String, Row> rows) {
    Matcher table = Pattern.compile("(?s)(<!-- " + name + " -->\n).*?(<!-- end -->)").matcher(text);
    assertThat(table.find()).as("the table of %s", name).isTrue();
    List<String> lines = new ArrayList<>();
    rows.forEach(
        (meter, row) ->
            lines.add(
                "| `%s` | %s | %s | %s | %s |"
                    .formatted(meter, row.kind, labels(row), unit(meter, row), row.description)));
    return text.substring(0, table.end(1))
        + "| name | kind | labels | unit | what it counts or shows |\n"
        + "| --- | --- | --- | --- | --- |\n"
        + String.join("\n", lines)
        + "\n"
        + text.substring(table.start(2));
  }

  private static String labels(Row row) {
    return row.labels.stream().map(label -> "`" + label + "`").collect(Collectors.joining(", "));
  }

  private static String unit(String meter, Row row) {
    if (row.kind.equals(TIMER)) {
      return "seconds";
    }
    return meter.contains("_bytes") ? "bytes" : "number";
  }
}
