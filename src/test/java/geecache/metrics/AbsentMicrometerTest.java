package geecache.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.ClassPaths;
import java.lang.management.ManagementFactory;
import java.net.URLClassLoader;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** What an application has whose class path lacks Micrometer, as a library user's may. */
class AbsentMicrometerTest {
  @Test
  void beansNeedItNot() throws Exception {
    ObjectName name = new ObjectName("geecache:type=Node,context=/absent");
    try (URLClassLoader application = ClassPaths.without("(micrometer|prometheus)-.*")) {
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
}
