package geecache.containers;

import static geecache.Certificates.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.Certificates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.apache.hc.core5.ssl.SSLContextBuilder;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The table of {@code docs/security.md} says what the running WAR answers. {@code mvn -f it verify
 * -Dit.test=SecurityTableIT -Dsecurity.write} writes it.
 */
final class SecurityTableIT {
  private static final Path DOCUMENT = Path.of("docs", "security.md");
  private static final Pattern TABLE = Pattern.compile("(?s)(<!-- access -->\n).*?(<!-- end -->)");
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static final String NEW = "the-secret-that-is-in-use";
  private static final String OLD = "the-secret-before-that-one";
  private static final String WRONG = "a-secret-that-nobody-has-set";

  /** The node that requests go to, by its context path, and the secret that they show. */
  private record Column(String title, String context, @Nullable String shown) {}

  /** By their context paths. */
  private static final Map<String, Map<String, String>> NODES =
      Map.of(
          "/open", Map.of(),
          "/secret", Map.of("geecache.secret", NEW),
          "/both", Map.of("geecache.secret", NEW + "," + OLD),
          "/public", Map.of("geecache.secret", NEW, "geecache.public-reads", "true"));

  private static final List<Column> COLUMNS =
      List.of(
          new Column("no secret is set", "/open", null),
          new Column("none shown", "/secret", null),
          new Column("a wrong one", "/secret", WRONG),
          new Column("the old one, after it was replaced", "/secret", OLD),
          new Column("the old one, while both are set", "/both", OLD),
          new Column("the right one", "/secret", NEW),
          new Column("none shown, public reads", "/public", null));

  /** A method, a path and the type of a body that has nothing in it; null for no body. */
  private record Row(String method, String path, @Nullable String type) {}

  private static final String MESSAGE = "application/vnd.geecache.cluster.v1+protobuf";

  private static final List<Row> ROWS =
      List.of(
          new Row("GET", "/_geecache/scores/Tom", null),
          new Row("HEAD", "/_geecache/scores?key=Tom", null),
          new Row("POST", "/_geecache/scores", "application/vnd.geecache.batch.v1+protobuf"),
          new Row("PUT", "/_geecache/scores/new", "application/octet-stream"),
          new Row("DELETE", "/_geecache/scores/new", null),
          new Row("DELETE", "/_geecache/scores?all=true", null),
          new Row("OPTIONS", "/_geecache/scores/Tom", null),
          new Row("GET", "/_geecache/no-such-group/Tom", null),
          new Row("GET", "/_groupcache/scores/Tom", null),
          new Row("POST", "/_cluster/meet", MESSAGE),
          new Row("POST", "/_cluster/changes", MESSAGE),
          new Row("POST", "/_cluster/change", MESSAGE),
          new Row("POST", "/_cluster/handoff?group=scores", MESSAGE),
          new Row("GET", "/_cluster/meet", null),
          new Row("GET", "/_cluster/leave", null),
          new Row("POST", "/_cluster/leave", null),
          new Row("DELETE", "/_cluster/leave", null),
          new Row("GET", "/_cluster/status", null),
          new Row("GET", "/_cluster/status?all=true", null),
          new Row("HEAD", "/_cluster/status", null),
          new Row("POST", "/_cluster/status", null),
          new Row("GET", "/_cluster/explain?group=scores&key=Tom", null),
          new Row("POST", "/_cluster/explain?group=scores&key=Tom", null),
          new Row("GET", "/health/live", null),
          new Row("GET", "/health/ready", null),
          new Row("POST", "/health/ready", null),
          new Row("GET", "/metrics", null),
          new Row("POST", "/metrics", null),
          new Row("GET", "/", null),
          new Row("GET", "/geecache.js", null),
          new Row("GET", "/WEB-INF/web.xml", null));

  @Test
  void theTableOfTheDocumentIsThatOfTheRunningWar() throws Exception {
    Tomcat made = new Tomcat("security-tomcat", "apache-tomcat-11.");
    Certificates certificates = new Certificates(made.instance().resolve("tls"), "ours");
    made.offerTls(certificates.node("node"), PASSWORD);
    try (Tomcat tomcat = made) {
      tomcat.start();
      deploy(tomcat);
      SSLContext trust =
          SSLContextBuilder.create()
              .loadTrustMaterial(certificates.trusted(), PASSWORD.toCharArray())
              .build();
      HttpClient client = HttpClient.newBuilder().sslContext(trust).build();
      String plain = table(client, "http://127.0.0.1:" + tomcat.port());
      String overTls = table(client, "https://127.0.0.1:" + tomcat.tlsPort());
      assertThat(overTls).isEqualTo(plain);
      assertDocumentHas(plain);
      assertThat(tomcat.output()).doesNotContain(NEW, OLD, WRONG);
    }
  }

  private static void deploy(Tomcat tomcat) throws IOException {
    Wire wire = new Wire(tomcat.port());
    for (Map.Entry<String, Map<String, String>> node : NODES.entrySet()) {
      Map<String, String> settings = new LinkedHashMap<>(node.getValue());
      settings.put("geecache.groupcache", "true");
      tomcat.deploy(
          new Wars(tomcat.instance().resolve("wars" + node.getKey())).product(settings),
          node.getKey());
    }
    for (String context : NODES.keySet()) {
      Awaitility.await(context).atMost(LIMIT).until(() -> wire.answers(context + "/health/live"));
    }
  }

  private static String table(HttpClient client, String origin) throws Exception {
    List<String> lines = new ArrayList<>();
    lines.add(
        "| request | "
            + COLUMNS.stream().map(Column::title).collect(Collectors.joining(" | "))
            + " |");
    lines.add("| --- |" + " --- |".repeat(COLUMNS.size()));
    for (Row row : ROWS) {
      List<String> cells = new ArrayList<>();
      for (Column column : COLUMNS) {
        cells.add(answer(client, origin, row, column));
      }
      lines.add(
          "| `" + row.method() + " " + row.path() + "` | " + String.join(" | ", cells) + " |");
    }
    return String.join("\n", lines) + "\n";
  }

  /** Returns the code of the answer and, if it is the node's, its status. */
  private static String answer(HttpClient client, String origin, Row row, Column column)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(origin + column.context() + row.path()))
            .version(HttpClient.Version.HTTP_1_1)
            .timeout(LIMIT)
            .method(
                row.method(),
                row.type() == null
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofByteArray(new byte[0]));
    if (row.type() != null) {
      request.header("Content-Type", row.type());
    }
    if (column.shown() != null) {
      request.header("Authorization", "Bearer " + column.shown());
    }
    HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
    return answer.statusCode()
        + answer.headers().firstValue("Geecache-Status").map(status -> " " + status).orElse("");
  }

  private static void assertDocumentHas(String table) throws IOException {
    String text = Files.readString(DOCUMENT);
    Matcher place = TABLE.matcher(text);
    assertThat(place.find()).isTrue();
    String expected = text.substring(0, place.end(1)) + table + text.substring(place.start(2));
    if (System.getProperty("security.write") != null) {
      Files.writeString(DOCUMENT, expected);
    }
    assertThat(Files.readString(DOCUMENT)).isEqualTo(expected);
  }
}
