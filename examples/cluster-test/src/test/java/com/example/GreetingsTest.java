package com.example;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import geecache.testing.Fault;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import org.junit.jupiter.api.Test;

class GreetingsTest {
  @Test
  void everyNodeGreets() throws Exception {
    try (TestCluster cluster = TestCluster.builder().nodes(2).groups(Greetings::register).start()) {
      cluster.awaitContact();
      assertEquals("Hello, Tom!", cluster.node(0).get("greetings", "Tom").text());
      assertEquals("Hello, Tom!", cluster.node(1).get("greetings", "Tom").text());
    }
  }

  @Test
  void aFrontFailsAsTold() throws Exception {
    try (TestCluster cluster =
        TestCluster.builder().nodes(2).fronts().groups(Greetings::register).start()) {
      TestNode node = cluster.node(1);
      URI tom = URI.create(node.url() + "/_geecache/greetings/Tom");

      assertEquals("Hello, Tom!", ask(tom));
      node.front().become(Fault.HALF_BODY);
      assertThrows(IOException.class, () -> ask(tom));
      assertEquals("Hello, Tom!", node.get("greetings", "Tom").text());
    }
  }

  private static String ask(URI uri) throws Exception {
    return HttpClient.newHttpClient().send(HttpRequest.newBuilder(uri).build(), ofString()).body();
  }
}
