package com.example;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.Test;

class SqlWarIT {

  @Test
  void answersRowsAsJson() throws Exception {
    WebAppContext application = new WebAppContext("target/sql-war.war", "/shop");
    application.setThrowUnavailableOnStartupException(true);
    application.setInitParameter("geecache.config", "src/main/config/geecache.properties");
    Server server = new Server(new InetSocketAddress("127.0.0.1", 0));
    server.setHandler(application);
    try {
      server.start();
      URI users = server.getURI().resolve("/shop/_geecache/users/");

      HttpResponse<String> tom = get(users.resolve("7"));
      assertEquals("{\"id\":7,\"name\":\"Tom\",\"city\":\"Basel\"}", tom.body());
      assertEquals("max-age=600", tom.headers().firstValue("Cache-Control").orElseThrow());
      assertEquals("{\"id\":9,\"name\":\"Sam\",\"city\":null}", get(users.resolve("9")).body());
      assertEquals(404, get(users.resolve("10")).statusCode());
      assertEquals(404, get(users.resolve("../scores/Tom")).statusCode());
    } finally {
      server.stop();
    }
  }

  private static HttpResponse<String> get(URI uri) throws Exception {
    return HttpClient.newHttpClient().send(HttpRequest.newBuilder(uri).build(), ofString());
  }
}
