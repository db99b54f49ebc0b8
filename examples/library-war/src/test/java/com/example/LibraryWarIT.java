package com.example;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import geecache.ByteView;
import geecache.Geecache;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.Test;

class LibraryWarIT {
  private static final String WAR = "target/library-war.war";

  @Test
  void receivesTheClassesJarAndItsLibraries() throws Exception {
    try (ZipFile war = new ZipFile(WAR)) {
      List<String> libraries =
          war.stream()
              .map(ZipEntry::getName)
              .filter(name -> name.matches("WEB-INF/lib/.+"))
              .map(name -> name.substring("WEB-INF/lib/".length()))
              .map(name -> name.replaceFirst("-\\d[\\w.]*(-SNAPSHOT)?(?=(-[a-z]+)?\\.jar$)", ""))
              .sorted()
              .toList();

      assertEquals(
          List.of(
              "caffeine.jar",
              "geecache-classes.jar",
              "httpclient5.jar",
              "httpcore5-h2.jar",
              "httpcore5.jar",
              "jspecify.jar",
              "protobuf-javalite.jar",
              "slf4j-api.jar"),
          libraries);
    }
  }

  @Test
  void answersForItsOwnGroup() throws Exception {
    HttpResponse<String> answer = get("greetings/Tom", Map.of());

    assertEquals("Hello, Tom!", answer.body());
    assertEquals(200, answer.statusCode());
    assertEquals(Optional.of("ok"), answer.headers().firstValue("Geecache-Status"));
  }

  @Test
  void answersForTheGroupOfItsProvider() throws Exception {
    assertEquals("Goodbye, Tom!", get("farewells/Tom", Map.of()).body());
  }

  @Test
  void answersForAGroupOfItsSettings() throws Exception {
    Map<String, String> settings = Map.of("geecache.groups.points.source", "scores");

    assertEquals("630", get("points/Tom", settings).body());
  }

  @Test
  void runsTheExampleOfTheReadme() throws Exception {
    try (Geecache node = new Geecache()) {
      ByteView price = Prices.ask(node, sku -> ("12.50 for " + sku).getBytes(UTF_8));

      assertEquals("12.50 for 4711", price.toString());
      assertEquals(0, node.find("prices").orElseThrow().stats().entries());
    }
  }

  @Test
  void leavesTheAnswerToTheContainerWhereItIsSwitchedOff() throws Exception {
    HttpResponse<String> answer = get("greetings/Tom", Map.of("geecache.enabled", "false"));

    assertEquals(404, answer.statusCode());
    assertEquals(Optional.empty(), answer.headers().firstValue("Geecache-Status"));
  }

  /** Deploys the WAR with some context parameters, and asks it for one key. */
  private static HttpResponse<String> get(String key, Map<String, String> parameters)
      throws Exception {
    WebAppContext application = new WebAppContext(WAR, "/app");
    application.setThrowUnavailableOnStartupException(true);
    parameters.forEach(application::setInitParameter);
    Server server = new Server(new InetSocketAddress("127.0.0.1", 0));
    server.setHandler(application);
    try {
      server.start();
      URI uri = server.getURI().resolve("/app/_geecache/" + key);
      return HttpClient.newHttpClient().send(HttpRequest.newBuilder(uri).build(), ofString());
    } finally {
      server.stop();
    }
  }
}
