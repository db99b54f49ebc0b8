package geecache.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** What an application has whose class path lacks Micrometer, as a library user's may. */
class AbsentMicrometerTest {
  @Test
  void beansNeedItNot() throws Exception {
    ObjectName name = new ObjectName("geecache:type=Node,context=/absent");
    try (URLClassLoader application = withoutMicrometer()) {
      assertThatThrownBy(() -> application.loadClass("io.micrometer.core.instrument.MeterRegistry"))
          .isInstanceOf(ClassNotFoundException.class);
      Class<?> type = application.loadClass("geecache.Geecache");
      try (AutoCloseable node = (AutoCloseable) type.getConstructor().newInstance()) {
        application
            .loadClass("geecache.metrics.NodeBeans")
            .getMethod("register", type, String.class)
            .invoke(null, node, "/absent");
        assertThat(ManagementFactory.getPlatformMBeanServer().isRegistered(name)).isTrue();
      }
    }
    assertThat(ManagementFactory.getPlatformMBeanServer().isRegistered(name)).isFalse();
  }

  private static URLClassLoader withoutMicrometer() throws Exception {
    List<URL> path = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (!Path.of(entry).getFileName().toString().matches("(micrometer|prometheus)-.*")) {
        path.add(Path.of(entry).toUri().toURL());
      }
    }
    return new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }
}
