package geecache.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Tomcat, by its own start script, with a CATALINA_BASE of its own. */
final class Tomcat extends Container {
  private final WebappsDirectory webapps = new WebappsDirectory(instance().resolve("webapps"));

  private final String jvmOptions;

  Tomcat(String name, String homeProperty) throws IOException {
    this(name, homeProperty, "");
  }

  /**
   * As the other.
   *
   * @param jvmOptions separated by spaces
   */
  Tomcat(String name, String homeProperty, String jvmOptions) throws IOException {
    super(name, homeProperty);
    this.jvmOptions = jvmOptions;
  }

  @Override
  int portCount() {
    return 1;
  }

  @Override
  List<String> configure(int[] ports) throws IOException {
    Path conf = instance().resolve("conf");
    Trees.delete(conf);
    Trees.copy(home().resolve("conf"), conf);
    Path server = conf.resolve("server.xml");
    Trees.edit(server, "<Server port=\"8005\"", "<Server port=\"-1\"");
    Trees.edit(server, "port=\"8080\"", "port=\"" + ports[0] + "\" address=\"127.0.0.1\"");
    // The interval in seconds at which it looks for new and for removed WARs.
    Trees.edit(
        server,
        "<Engine name=\"Catalina\"",
        "<Engine backgroundProcessorDelay=\"1\" name=\"Catalina\"");
    Files.createDirectories(instance().resolve("logs"));
    return List.of(
        "env",
        "CATALINA_BASE=" + instance(),
        "CATALINA_TMPDIR=" + instance().resolve("tmp"),
        "CATALINA_OPTS=" + jvmOptions,
        "sh",
        home().resolve("bin/catalina.sh").toString(),
        "run");
  }

  @Override
  void deploy(Path war, String contextPath) throws IOException {
    webapps.add(war, contextPath);
  }

  @Override
  void undeploy(String contextPath) throws IOException {
    webapps.remove(contextPath);
  }
}
