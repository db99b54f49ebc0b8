package geecache.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Open Liberty, by its own start script, with a user directory of its own. It reads its
 * configuration again whenever that changes, and what is deployed is a part of it.
 */
final class Liberty extends Container {
  private static final String SERVER_XML =
      """
      <server>
        <featureManager>
          <feature>servlet-6.0</feature>
          <feature>cdi-4.0</feature>
        </featureManager>
        <config updateTrigger="polled" monitorInterval="200ms"/>
        <httpEndpoint id="defaultHttpEndpoint" host="127.0.0.1" httpPort="%d" httpsPort="-1"/>
      %s
      </server>
      """;

  private final Path server =
      Files.createDirectories(instance().resolve("usr").resolve("servers").resolve("node"));
  private final Map<String, Path> applications = new TreeMap<>();
  private int httpPort = -1;

  Liberty() throws IOException {
    super("liberty", "wlp");
  }

  @Override
  int portCount() {
    return 1;
  }

  @Override
  List<String> configure(int[] ports) throws IOException {
    httpPort = ports[0];
    writeConfiguration();
    Files.writeString(
        server.resolve("jvm.options"),
        ServerProcess.BRIEF + "\n-Djava.io.tmpdir=" + instance().resolve("tmp") + "\n");
    return List.of(
        "env",
        "WLP_USER_DIR=" + instance().resolve("usr"),
        "sh",
        home().resolve("bin/server").toString(),
        "run",
        "node");
  }

  @Override
  void deploy(Path war, String contextPath) throws IOException {
    applications.put(contextPath, war);
    writeConfiguration();
  }

  @Override
  void undeploy(String contextPath) throws IOException {
    applications.remove(contextPath);
    writeConfiguration();
  }

  private void writeConfiguration() throws IOException {
    String deployed =
        applications.entrySet().stream()
            .map(Liberty::webApplication)
            .collect(Collectors.joining("\n"));
    Path next = server.resolve("server.next");
    Files.writeString(next, SERVER_XML.formatted(httpPort, deployed));
    Files.move(next, server.resolve("server.xml"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  private static String webApplication(Map.Entry<String, Path> application) {
    String contextPath = application.getKey();
    String id = "app" + contextPath.replace('/', '-');
    return "  <webApplication id=\"%s\" name=\"%s\" contextRoot=\"%s\" location=\"%s\"/>"
        .formatted(id, id, contextPath, application.getValue());
  }
}
