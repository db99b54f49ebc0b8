package geecache;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Class paths of applications that lack some library. */
public final class ClassPaths {
  private ClassPaths() {}

  /**
   * Returns a class loader that has the class path of this JVM, but for the jars whose file names
   * match {@code absent}, and shares nothing with the loader of the tests.
   */
  public static URLClassLoader without(String absent) throws MalformedURLException {
    List<URL> path = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (!Path.of(entry).getFileName().toString().matches(absent)) {
        path.add(Path.of(entry).toUri().toURL());
      }
    }
    return new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }
}
