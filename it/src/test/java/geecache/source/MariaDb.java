package geecache.source;

import static org.awaitility.Awaitility.await;

import geecache.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A new server of Debian's package mariadb-server at a free port of 127.0.0.1, stopped by {@link
 * #close}. It asks for no password, and runs as {@link Postgres} does.
 */
final class MariaDb implements AutoCloseable {
  private final Path home = Files.createTempDirectory("geecache-mariadb");
  private final int port = FreePorts.one();
  private Process server;

  MariaDb() throws Exception {
    Runtime.getRuntime().addShutdownHook(new Thread(this::kill)); // If a test does not close it.
    Postgres.run(List.of("chmod", "a+rwx", home.toString()));
    List<String> install = new ArrayList<>(Postgres.unprivileged());
    install.addAll(
        List.of(
            "/usr/bin/mariadb-install-db",
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--datadir=" + data()));
    Postgres.run(install);
    start();
  }

  private Path data() {
    return home.resolve("data");
  }

  /** Starts it, and waits until it answers. */
  void start() throws Exception {
    List<String> command = new ArrayList<>(Postgres.unprivileged());
    command.addAll(
        List.of(
            "/usr/sbin/mariadbd",
            "--no-defaults",
            "--datadir=" + data(),
            "--socket=" + home.resolve("socket"),
            "--pid-file=" + home.resolve("pid"),
            "--bind-address=127.0.0.1",
            "--port=" + port,
            "--skip-grant-tables",
            "--skip-networking=0"));
    Path log = home.resolve("log");
    server =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    await("the server: " + log)
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptionsInstanceOf(SQLException.class)
        .until(
            () -> {
              if (!server.isAlive()) {
                throw new IllegalStateException(Files.readString(log));
              }
              DriverManager.getConnection(url()).close();
              return true;
            });
  }

  String url() {
    return "jdbc:mariadb://127.0.0.1:"
        + port
        + "/shop?createDatabaseIfNotExist=true&user=root&sslMode=disable";
  }

  /** Kills it. */
  void kill() {
    if (server != null) {
      server.destroyForcibly();
      server.onExit().orTimeout(60, TimeUnit.SECONDS).join();
    }
  }

  @Override
  public void close() throws IOException {
    kill();
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
