package geecache.spring;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.ClassPaths;
import geecache.Geecache;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.annotation.Configuration;

/** An application without spring-tx, as most of those are that have no database. */
class WithoutTransactionsTest {
  /** Runs where there is none. */
  public static final class Program implements Callable<String> {
    @Configuration(proxyBeanMethods = false)
    @EnableCaching
    static class Caching {}

    @Override
    public String call() {
      List<String> told = new ArrayList<>();
      try (Geecache node = new Geecache()) {
        GeecacheCacheManager manager = GeecacheCacheManager.builder(node, List.of()).build();
        use(manager.getCache("users"), told);
        manager.destroy();
      }
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  GeecacheAutoConfiguration.class, ActuatorAutoConfiguration.class))
          .withPropertyValues("geecache.jmx=false")
          .withUserConfiguration(Caching.class)
          .run(
              context -> {
                CacheManager manager = context.getBean(CacheManager.class);
                told.add(manager.getClass().getSimpleName());
                use(manager.getCache("users"), told);
              });
      return told.toString();
    }

    private static void use(Cache cache, List<String> told) {
      told.add(cache.get("key", () -> "loaded"));
      cache.put("key", "put");
      told.add(cache.get("key", String.class));
      cache.evict("key");
      told.add(String.valueOf(cache.get("key")));
    }
  }

  @Test
  void cachesWorkWithoutTransactionsOnTheClassPath() throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader without = ClassPaths.without("spring-tx-.*")) {
      thread.setContextClassLoader(without);
      Object program =
          without.loadClass(Program.class.getName()).getDeclaredConstructor().newInstance();
      assertThat(((Callable<?>) program).call())
          .isEqualTo("[loaded, put, null, GeecacheCacheManager, loaded, put, null]");
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
