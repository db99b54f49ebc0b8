package com.example;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import geecache.Geecache;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GreetingServerTest {
  @Test
  void answersOverHttp() throws Exception {
    try (GreetingServer server = new GreetingServer(0)) {
      URI tom = URI.create("http://127.0.0.1:" + server.port() + "/_geecache/greetings/Tom");
      HttpResponse<String> answer =
          HttpClient.newHttpClient().send(HttpRequest.newBuilder(tom).build(), ofString());

      assertEquals("Hello, Tom!", answer.body());
      assertEquals(200, answer.statusCode());
      assertEquals(Optional.of("ok"), answer.headers().firstValue("Geecache-Status"));
    }
  }

  @Test
  void answersOtherNodes() throws Exception {
    try (GreetingServer server = new GreetingServer(0)) {
      URI meet = URI.create("http://127.0.0.1:" + server.port() + "/_cluster/meet");
      HttpResponse<String> answer =
          HttpClient.newHttpClient().send(HttpRequest.newBuilder(meet).build(), ofString());

      assertEquals(405, answer.statusCode());
      assertEquals(Optional.of("POST"), answer.headers().firstValue("Allow"));
    }
  }

  @Test
  void stopClosesTheNode() throws Exception {
    Geecache node;
    try (GreetingServer server = new GreetingServer(0)) {
      node = server.node();
      assertTrue(node.find("greetings").isPresent());
    }

    assertTrue(node.find("greetings").isEmpty());
  }
}
