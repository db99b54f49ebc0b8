package geecache.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Jetty, with a base directory made by its own start.jar. */
final class Jetty extends Container {
  private final String modules;
  private final String jvmOptions;
  private final WebappsDirectory webapps = new WebappsDirectory(instance().resolve("webapps"));

  /**
   * Prepares one.
   *
   * @param deployModule the module that deploys: {@code deploy} or {@code ee10-deploy}
   */
  Jetty(String name, String distribution, String deployModule) throws IOException {
    this(name, distribution, deployModule, "");
  }

  /**
   * As the other.
   *
   * @param jvmOptions separated by spaces
   */
  Jetty(String name, String distribution, String deployModule, String jvmOptions)
      throws IOException {
    super(name, distribution);
    this.modules = "server,http," + deployModule;
    this.jvmOptions = jvmOptions;
  }

  @Override
  int portCount() {
    return 1;
  }

  @Override
  List<String> configure(int[] ports) throws IOException {
    if (!Files.exists(instance().resolve("start.d"))) {
      ServerProcess.run(startJar("--add-modules=" + modules), instance(), "modules.log");
    }
    return startJar(
        "jetty.http.host=127.0.0.1",
        "jetty.http.port=" + ports[0],
        // Jetty 12 deploys at its start only, unless told to look again.
        "jetty.deploy.scanInterval=1");
  }

  private List<String> startJar(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(java());
    command.add(ServerProcess.BRIEF);
    Stream.of(jvmOptions.split(" ")).filter(option -> !option.isEmpty()).forEach(command::add);
    command.add("-Djava.io.tmpdir=" + instance().resolve("tmp"));
    command.add("-jar");
    command.add(home().resolve("start.jar").toString());
    command.add("jetty.base=" + instance());
    command.addAll(List.of(arguments));
    return command;
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
