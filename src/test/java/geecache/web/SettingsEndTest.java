package geecache.web;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What is left of the settings when their application is gone. */
class SettingsEndTest {

  @Test
  void neitherAThreadNorAClassLoaderIsLeft() throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();

    WeakReference<ClassLoader> loader = readInALoaderOfItsOwn();

    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(thread -> !before.contains(thread))
        .isEmpty();
    Awaitility.await("the class loader to be collected")
        .pollInterval(10, MILLISECONDS)
        .until(
            () -> {
              System.gc();
              return loader.get() == null;
            });
  }

  /** As an application's class loader has them: product and libraries, and nothing around. */
  private static WeakReference<ClassLoader> readInALoaderOfItsOwn() throws Exception {
    URL[] path =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(SettingsEndTest::url)
            .toArray(URL[]::new);
    Thread current = Thread.currentThread();
    ClassLoader former = current.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(path, ClassLoader.getPlatformClassLoader())) {
      current.setContextClassLoader(loader);
      Class<?> reader = loader.loadClass(ContextSettings.class.getName());
      assertThat(reader).isNotEqualTo(ContextSettings.class);
      var read = reader.getDeclaredMethod("read", String.class, Map.class, Map.class, Map.class);
      read.setAccessible(true);
      Map<String, String> written = Map.of("geecache.enabled", "true");
      assertThat(read.invoke(null, "/shop", written, System.getenv(), Map.of()).toString())
          .startsWith("geecache.enabled=true");
      return new WeakReference<>(loader);
    } finally {
      current.setContextClassLoader(former);
    }
  }

  private static URL url(String path) {
    try {
      return Path.of(path).toUri().toURL();
    } catch (MalformedURLException impossible) {
      throw new IllegalArgumentException(path, impossible);
    }
  }
}
