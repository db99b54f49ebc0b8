package geecache.containers;

import static java.util.stream.Collectors.joining;

import geecache.FreePorts;
import geecache.ring.HashRing;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Two nodes in Tomcat and Jetty, the one in Jetty under a context path, and two of Go, in one ring,
 * over one source. Safe for use by many threads.
 */
final class GoRing implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final String SHOP = "/shop";

  /** No pause of a busy machine is to be taken for a peer's failure. */
  private static final String PATIENCE = "10s";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final SharedSource source = new SharedSource();
  private final Container tomcat = new Tomcat("go-tomcat", "apache-tomcat-11.");
  private final Container jetty = new Jetty("go-jetty", "jetty-home-12.", "ee10-deploy");
  private final List<GoNode> goNodes = new ArrayList<>();
  private final List<String> javaUrls = new ArrayList<>();
  private final List<String> goUrls = new ArrayList<>();

  GoRing() throws IOException {}

  void start() throws IOException {
    GoNode.build();
    tomcat.start();
    jetty.start();
    javaUrls.add("http://127.0.0.1:" + tomcat.port());
    javaUrls.add("http://127.0.0.1:" + jetty.port() + SHOP);
    int[] ports = FreePorts.of(2);
    for (int port : ports) {
      goUrls.add(GoNode.urlAt(port));
    }
    for (int port : ports) {
      goNodes.add(GoNode.start(port, urls(), Site.SECRET, source.urlFor(GoNode.urlAt(port))));
    }
    deploy(tomcat, "/", javaUrls.get(0));
    deploy(jetty, SHOP, javaUrls.get(1));
    for (String asker : urls()) {
      for (String owner : urls()) {
        awaitContact(asker, owner);
      }
    }
  }

  private void deploy(Container container, String contextPath, String url) throws IOException {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("geecache.self", url);
    settings.put("geecache.peers", String.join(",", javaUrls));
    settings.put("geecache.groupcache", "true");
    settings.put("geecache.groupcache-peers", String.join(",", goUrls));
    settings.put("geecache.secret", Site.SECRET);
    settings.put("geecache.peer-timeout", PATIENCE);
    settings.put("remote.source", source.urlFor(url).replace("&", "&amp;"));
    Wars wars = new Wars(container.instance().resolve("wars"));
    container.deploy(wars.member(settings), contextPath);
  }

  private void awaitContact(String asker, String owner) {
    List<String> keys = new ArrayList<>();
    Awaitility.await(asker + " to ask " + owner)
        .atMost(START_LIMIT)
        .until(
            () -> {
              String key = keyOf(owner, "contact-" + asker.hashCode() + "-" + keys.size());
              keys.add(key);
              return get(asker, key).statusCode() == 200
                  && source.loadsOf(key).equals(List.of(owner));
            });
  }

  SharedSource source() {
    return source;
  }

  List<String> javaUrls() {
    return javaUrls;
  }

  List<String> goUrls() {
    return goUrls;
  }

  /** The nodes in Java first. */
  List<String> urls() {
    return Stream.concat(javaUrls.stream(), goUrls.stream()).toList();
  }

  String ownerOf(String key) {
    return HashRing.compatible(urls(), 50).owner(key);
  }

  /** Returns {@code start} with a number at its end that makes it {@code owner}'s. */
  String keyOf(String owner, String start) {
    HashRing ring = HashRing.compatible(urls(), 50);
    int i = 0;
    while (!owner.equals(ring.owner(start + "." + i))) {
      i++;
    }
    return start + "." + i;
  }

  /** Asks a node for a key, as its own clients do. */
  HttpResponse<String> get(String node, String key) throws IOException, InterruptedException {
    return http.send(asking(node, key), HttpResponse.BodyHandlers.ofString());
  }

  CompletableFuture<HttpResponse<String>> begin(String node, String key) {
    return http.sendAsync(asking(node, key), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest asking(String node, String key) {
    String path = goUrls.contains(node) ? "/get?key=" : "/_geecache/remote?key=";
    return request(node + path + escaped(key)).build();
  }

  HttpResponse<String> delete(String node, String key) throws IOException, InterruptedException {
    return http.send(
        request(node + "/_geecache/remote?key=" + escaped(key)).DELETE().build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Returns whom the nodes hold for the owner of {@code key}: a Go node says it of each. */
  String ownersAsTold(String key) throws IOException, InterruptedException {
    List<String> owners = new ArrayList<>();
    for (String node : goUrls) {
      owners.add(text(node + "/owner?key=" + escaped(key)));
    }
    for (String node : javaUrls) {
      if (text(node + "/owns?key=" + escaped(key)).equals("true")) {
        owners.add(node);
      }
    }
    return owners.stream().distinct().collect(joining(" "));
  }

  private String text(String url) throws IOException, InterruptedException {
    return http.send(request(url).build(), HttpResponse.BodyHandlers.ofString()).body();
  }

  private static HttpRequest.Builder request(String url) {
    return HttpRequest.newBuilder(URI.create(url))
        .header("Authorization", "Bearer " + Site.SECRET)
        .timeout(Duration.ofMinutes(1));
  }

  private static String escaped(String key) {
    return URLEncoder.encode(key, StandardCharsets.UTF_8);
  }

  void killJetty() {
    jetty.kill();
  }

  void killGoNode() {
    goNodes.get(1).kill();
  }

  @Override
  public void close() {
    goNodes.forEach(GoNode::close);
    tomcat.close();
    jetty.close();
    source.close();
  }
}
