package geecache.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;

class DaemonThreadsTest {
  @Test
  void threadsAreDaemonsAndNumberedFromOne() {
    ThreadFactory threads = new DaemonThreads("geecache-test-");
    Thread first = threads.newThread(() -> {});
    Thread second = threads.newThread(() -> {});
    assertThat(first.isDaemon()).isTrue();
    assertThat(first.getName()).isEqualTo("geecache-test-1");
    assertThat(second.getName()).isEqualTo("geecache-test-2");
  }

  @Test
  void threadsBearTheContextClassLoaderOfWhoMadeTheFactory() throws Exception {
    Thread current = Thread.currentThread();
    ClassLoader before = current.getContextClassLoader();
    try (URLClassLoader application = new URLClassLoader(new URL[0], before)) {
      current.setContextClassLoader(application);
      ThreadFactory threads = new DaemonThreads("geecache-test-");
      Thread single = DaemonThreads.single("geecache-test", () -> {});
      current.setContextClassLoader(before);
      assertThat(threads.newThread(() -> {}).getContextClassLoader()).isSameAs(application);
      assertThat(single.getContextClassLoader()).isSameAs(application);
      assertThat(single.getName()).isEqualTo("geecache-test");
      assertThat(single.isDaemon()).isTrue();
    } finally {
      current.setContextClassLoader(before);
    }
  }

  @Test
  void threadsInheritNoThreadLocals() throws InterruptedException {
    InheritableThreadLocal<String> request = new InheritableThreadLocal<>();
    request.set("of this request");
    String[] seen = {"not run"};
    Thread thread = DaemonThreads.single("geecache-test", () -> seen[0] = request.get());
    thread.start();
    thread.join();
    assertThat(seen[0]).isNull();
  }
}
