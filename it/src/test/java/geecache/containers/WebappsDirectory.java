package geecache.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A directory that a container watches: a WAR put there is deployed under its file name, and
 * undeployed when it is taken away.
 */
record WebappsDirectory(Path directory) {

  /** Puts a copy there in one step, so that the container never sees half of it. */
  void add(Path war, String contextPath) throws IOException {
    Path staging = Files.createDirectories(directory.resolveSibling("staging"));
    Path copy = Files.copy(war, staging.resolve(fileName(contextPath)));
    Files.createDirectories(directory);
    Files.move(copy, directory.resolve(fileName(contextPath)), StandardCopyOption.ATOMIC_MOVE);
  }

  void remove(String contextPath) throws IOException {
    Files.delete(directory.resolve(fileName(contextPath)));
  }

  private static String fileName(String contextPath) {
    return contextPath.equals("/") ? "ROOT.war" : contextPath.substring(1) + ".war";
  }
}
