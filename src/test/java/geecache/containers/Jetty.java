package geecache.containers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Jetty, with a base directory made by its own start.jar. */
final class Jetty extends Container {
  private final String modules;
  private final WebappsDirectory webapps = new WebappsDirectory(instance().resolve("webapps"));

  /**
   * Prepares one.
   *
   * @param deployModule the module that deploys: {@code deploy} or {@code ee10-deploy}
   */
  Jetty(String name, String homeProperty, String deployModule) throws IOException {
    super(name, homeProperty);
    this.modules = "--modules=server,http," + deployModule;
  }

  @Override
  int portCount() {
    return 1;
  }

  @Override
  List<String> configure(int[] ports) {
    return List.of(
        java(),
        "-Djava.io.tmpdir=" + instance().resolve("tmp"),
        "-jar",
        home().resolve("start.jar").toString(),
        "jetty.base=" + instance(),
        modules,
        "jetty.http.host=127.0.0.1",
        "jetty.http.port=" + ports[0],
        // Jetty 12 deploys at its start only, unless told to look again.
        "jetty.deploy.scanInterval=1");
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
