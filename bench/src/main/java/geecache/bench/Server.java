package geecache.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A container in a process of its own, with 200 threads for requests, on a free port of 127.0.0.1.
 * All that it writes is in one directory.
 */
final class Server implements AutoCloseable {
  private static final String ROOT = "ROOT";
  private static final long START_LIMIT_NANOS = TimeUnit.MINUTES.toNanos(2);

  private final Process process;
  private final Thread onExit;
  private final int port;
  private final Set<String> applications;

  private Server(Process process, int port, Set<String> applications) {
    this.process = process;
    this.port = port;
    this.applications = applications;
    onExit = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(onExit);
  }

  static Server tomcat(Path war) throws IOException, InterruptedException {
    return tomcat(Map.of(ROOT, war));
  }

  /** Takes WARs by the names of their applications. */
  static Server tomcat(Map<String, Path> wars) throws IOException, InterruptedException {
    Path home = home("apache-tomcat-");
    Path base = emptyBase("tomcat");
    Files.createDirectories(base.resolve("conf"));
    Files.createDirectories(base.resolve("logs"));
    Files.createDirectories(base.resolve("temp"));
    Files.copy(home.resolve("conf/web.xml"), base.resolve("conf/web.xml"));
    deploy(wars, base);
    int port = freePort();
    Files.writeString(
        base.resolve("conf/server.xml"),
        """
        <Server port="-1">
          <Service name="Catalina">
            <Connector port="%d" address="127.0.0.1" maxThreads="200"
                maxKeepAliveRequests="-1"/>
            <Engine name="Catalina" defaultHost="localhost">
              <Host name="localhost" appBase="webapps"/>
            </Engine>
          </Service>
        </Server>
        """
            .formatted(port));
    String jars = home.resolve("bin/bootstrap.jar") + ":" + home.resolve("bin/tomcat-juli.jar");
    return start(
        base,
        port,
        wars.keySet(),
        List.of(
            "-Dcatalina.home=" + home,
            "-Dcatalina.base=" + base,
            "-Djava.io.tmpdir=" + base.resolve("temp"),
            "-cp",
            jars,
            "org.apache.catalina.startup.Bootstrap",
            "start"));
  }

  static Server jetty(Path war) throws IOException, InterruptedException {
    return jetty(Map.of(ROOT, war));
  }

  /** Takes WARs by the names of their applications. */
  static Server jetty(Map<String, Path> wars) throws IOException, InterruptedException {
    Path home = home("jetty-home-");
    Path base = emptyBase("jetty");
    String jar = home.resolve("start.jar").toString();
    Process modules =
        process(base, List.of("-jar", jar, "--add-modules=server,http,ee10-deploy")).start();
    if (modules.waitFor() != 0) {
      throw new IOException("jetty took no modules; see " + base.resolve("server.log"));
    }
    deploy(wars, base);
    int port = freePort();
    return start(
        base,
        port,
        wars.keySet(),
        List.of(
            "-jar",
            jar,
            "jetty.http.host=127.0.0.1",
            "jetty.http.port=" + port,
            "jetty.threadPool.maxThreads=200"));
  }

  int port() {
    return port;
  }

  /** Returns the path of an application. */
  static String context(String application) {
    return application.equals(ROOT) ? "" : "/" + application;
  }

  /** Returns the processor time that its process has taken, to 10 ms. */
  long processorNanos() {
    return process.info().totalCpuDuration().orElseThrow().toNanos();
  }

  private static Server start(Path base, int port, Set<String> applications, List<String> arguments)
      throws IOException, InterruptedException {
    Server server = new Server(process(base, arguments).start(), port, applications);
    long end = System.nanoTime() + START_LIMIT_NANOS;
    while (!server.answers()) {
      if (!server.process.isAlive() || System.nanoTime() - end > 0) {
        server.close();
        throw new IOException("it did not start; see " + base.resolve("server.log"));
      }
      Thread.sleep(100);
    }
    return server;
  }

  private boolean answers() {
    for (String application : applications) {
      try (Wire wire = new Wire(port, context(application))) {
        wire.get("scores/Tom", "630");
      } catch (IOException notYet) {
        return false;
      }
    }
    return true;
  }

  private static ProcessBuilder process(Path base, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    return new ProcessBuilder(command)
        .directory(base.toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(base.resolve("server.log").toFile()));
  }

  private static Path home(String prefix) throws IOException {
    try (Stream<Path> homes = Files.list(Path.of("target/containers"))) {
      return homes
          .filter(path -> path.getFileName().toString().startsWith(prefix))
          .max(Comparator.naturalOrder())
          .orElseThrow(() -> new IOException("no " + prefix + "* under target/containers"))
          .toAbsolutePath();
    }
  }

  private static Path emptyBase(String name) throws IOException {
    Path base = Path.of("target/servers", name).toAbsolutePath();
    if (Files.exists(base)) {
      try (Stream<Path> paths = Files.walk(base)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
    return Files.createDirectories(base);
  }

  private static void deploy(Map<String, Path> wars, Path base) throws IOException {
    Path webapps = Files.createDirectories(base.resolve("webapps"));
    for (Map.Entry<String, Path> war : wars.entrySet()) {
      Files.copy(war.getValue(), webapps.resolve(war.getKey() + ".war"));
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().completeOnTimeout(process, 20, TimeUnit.SECONDS).join();
    process.destroyForcibly().onExit().join();
    Runtime.getRuntime().removeShutdownHook(onExit);
  }
}
