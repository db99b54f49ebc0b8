package geecache.source;

import static org.awaitility.Awaitility.await;

import geecache.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Debian's PgBouncer at a free port of 127.0.0.1, in front of a {@link Postgres}. */
public final class PgBouncer implements AutoCloseable {
  private final Path home = Files.createTempDirectory("geecache-pgbouncer");
  private final int port = FreePorts.one();
  private final Process server;

  /**
   * Starts it.
   *
   * @param mode when it takes a session of the database back: {@code transaction} or {@code
   *     session}
   */
  public PgBouncer(Postgres database, String mode) throws Exception {
    Path users = home.resolve("users");
    Files.writeString(users, "\"geecache\" \"\"\n");
    Path settings = home.resolve("pgbouncer.ini");
    Files.writeString(
        settings,
        """
        [databases]
        postgres = host=127.0.0.1 port=%d dbname=postgres
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = %d
        unix_socket_dir =
        auth_type = trust
        auth_file = %s
        pool_mode = %s
        default_pool_size = 4
        max_client_conn = 500
        ignore_startup_parameters = extra_float_digits
        """
            .formatted(database.port(), port, users, mode));
    Postgres.run(List.of("chmod", "-R", "a+rX", home.toString()));
    List<String> command = new ArrayList<>(Postgres.unprivileged());
    command.addAll(List.of("/usr/sbin/pgbouncer", settings.toString()));
    Path log = home.resolve("log");
    server =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    Runtime.getRuntime().addShutdownHook(new Thread(server::destroyForcibly));
    await("the pooler: " + log)
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(
            () -> {
              if (!server.isAlive()) {
                throw new IllegalStateException(Files.readString(log));
              }
              new Socket(InetAddress.getLoopbackAddress(), port).close();
              return true;
            });
  }

  public String url() {
    return Postgres.urlAt(port);
  }

  @Override
  public void close() throws IOException {
    server.destroyForcibly().onExit().orTimeout(60, TimeUnit.SECONDS).join();
    for (String file : List.of("users", "pgbouncer.ini", "log")) {
      Files.delete(home.resolve(file));
    }
    Files.delete(home);
  }
}
