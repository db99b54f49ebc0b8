package geecache.containers;

import geecache.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * Debian's nginx at a free port of 127.0.0.1, with files of its own. If the build runs as root, it
 * runs as {@code nobody}.
 */
final class Nginx implements AutoCloseable {
  private static final String PROGRAM = "/usr/sbin/nginx";
  private static final Duration START_LIMIT = Duration.ofMinutes(1);

  private static final String CONFIGURATION =
      """
      daemon off;
      worker_processes 1;
      pid nginx.pid;
      error_log error.log info;
      events { worker_connections 256; }
      http {
        access_log off;
        client_body_temp_path body;
        proxy_temp_path proxy;
        fastcgi_temp_path fastcgi;
        uwsgi_temp_path uwsgi;
        scgi_temp_path scgi;
        proxy_cache_path cache keys_zone=cache:1m;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        %s
        server {
          listen 127.0.0.1:%d;
          location = /up { return 200; }
          %s
        }
      }
      """;

  private final int port;
  private final ServerProcess process;

  /**
   * Starts it, and returns when it answers.
   *
   * @param locations what it does, in its own words
   */
  Nginx(String locations) throws IOException {
    this("", locations);
  }

  /**
   * As the other.
   *
   * @param definitions what {@code locations} name
   */
  Nginx(String definitions, String locations) throws IOException {
    if (!Files.isExecutable(Path.of(PROGRAM))) {
      throw new IllegalStateException("no " + PROGRAM + ": apt-get install nginx");
    }
    Path home = Files.createTempDirectory("geecache-nginx");
    port = FreePorts.one();
    Files.writeString(
        home.resolve("nginx.conf"), CONFIGURATION.formatted(definitions, port, locations));
    List<String> command = new ArrayList<>();
    if ("root".equals(System.getProperty("user.name"))) {
      ServerProcess.run(List.of("chown", "-R", "nobody", home.toString()), home, "chown.log");
      command.addAll(List.of("setpriv", "--reuid=nobody", "--clear-groups", "--"));
    }
    command.addAll(
        List.of(PROGRAM, "-p", home.toString(), "-e", "error.log", "-c", home + "/nginx.conf"));
    process = ServerProcess.start(command, home, "server.log");
    Wire wire = new Wire(port);
    Awaitility.await("an answer from nginx")
        .atMost(START_LIMIT)
        .until(() -> process.failed() || wire.answers("/up"));
    if (process.failed()) {
      String why = process.describe();
      close();
      throw new IllegalStateException(why);
    }
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    process.close();
  }
}
