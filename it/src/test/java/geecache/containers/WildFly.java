package geecache.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** WildFly, by its own start script, with a base directory of its own. */
final class WildFly extends Container {
  private final WebappsDirectory deployments =
      new WebappsDirectory(instance().resolve("deployments"));

  WildFly(String name) throws IOException {
    super(name, "wildfly-");
  }

  @Override
  int portCount() {
    return 3;
  }

  @Override
  List<String> configure(int[] ports) throws IOException {
    Path configuration = instance().resolve("configuration");
    Trees.delete(configuration);
    Trees.copy(home().resolve("standalone").resolve("configuration"), configuration);
    Trees.edit(
        configuration.resolve("standalone.xml"), "scan-interval=\"5000\"", "scan-interval=\"500\"");
    Files.createDirectories(instance().resolve("lib/ext"));
    return List.of(
        "env",
        "PREPEND_JAVA_OPTS=" + ServerProcess.BRIEF,
        "sh",
        home().resolve("bin/standalone.sh").toString(),
        "-b",
        "127.0.0.1",
        "-bmanagement",
        "127.0.0.1",
        "-Djboss.server.base.dir=" + instance(),
        "-Djava.io.tmpdir=" + instance().resolve("tmp"),
        "-Djboss.http.port=" + ports[0],
        "-Djboss.https.port=" + ports[1],
        "-Djboss.management.http.port=" + ports[2]);
  }

  @Override
  void deploy(Path war, String contextPath) throws IOException {
    deployments.add(war, contextPath);
  }

  @Override
  void undeploy(String contextPath) throws IOException {
    deployments.remove(contextPath);
  }
}
