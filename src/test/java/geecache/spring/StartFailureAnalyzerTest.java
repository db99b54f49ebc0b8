package geecache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import geecache.GroupProvider;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.support.SpringFactoriesLoader;

/** What Spring Boot says of an application that cannot start. */
class StartFailureAnalyzerTest {
  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(GeecacheAutoConfiguration.class))
          .withUserConfiguration(Caching.class)
          .withPropertyValues("geecache.jmx=false");

  @Configuration(proxyBeanMethods = false)
  @EnableCaching
  static class Caching {}

  /** As Boot finds it, which gives its own analyzers more than there is here. */
  private static FailureAnalysis analysis(@Nullable Throwable failure) {
    return SpringFactoriesLoader.forDefaultResourceLocation()
        .load(FailureAnalyzer.class, (type, name, incomplete) -> {})
        .stream()
        .filter(StartFailureAnalyzer.class::isInstance)
        .map(analyzer -> analyzer.analyze(failure))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void wrongPropertiesAreAllNamed() {
    runner
        .withPropertyValues("geecache.peer-timeout=1000", "geecache.spring.packages=a-b")
        .run(
            context -> {
              FailureAnalysis said = analysis(context.getStartupFailure());
              assertThat(said.getDescription())
                  .contains("geecache.peer-timeout=1000")
                  .contains("geecache.spring.packages=a-b");
              assertThat(said.getAction()).startsWith("Correct these properties");
            });
  }

  @Test
  void aCacheOfTheNameOfAGroupIsNamed() {
    runner
        .withBean(GroupProvider.class, () -> node -> node.newGroup("users", 0, key -> null))
        .withPropertyValues("spring.cache.cache-names=users")
        .run(
            context -> {
              FailureAnalysis said = analysis(context.getStartupFailure());
              assertThat(said.getDescription())
                  .isEqualTo("there can be no cache users: group users is registered already");
              assertThat(said.getAction()).contains("name one of the two otherwise");
            });
  }

  @Test
  void withoutJacksonACodecIsAskedFor() throws Exception {
    try (URLClassLoader application = withoutJackson()) {
      Class<?> node = application.loadClass("geecache.Geecache");
      Class<?> managers = application.loadClass(GeecacheCacheManager.class.getName());
      try (AutoCloseable made = (AutoCloseable) node.getConstructor().newInstance()) {
        Object builder =
            managers.getMethod("builder", node, Collection.class).invoke(null, made, List.of());
        Throwable failure =
            catchThrowable(() -> builder.getClass().getMethod("build").invoke(builder)).getCause();
        assertThat(failure.getClass().getName()).isEqualTo(StartFailure.class.getName());
        assertThat(failure)
            .hasMessageContaining("caches have no form for their values: JSON needs")
            .hasMessageContaining("spring-boot-starter-json")
            .hasMessageContaining("geecache.codec.Codec<Object>");
      }
    }
  }

  private static URLClassLoader withoutJackson() throws Exception {
    List<URL> path = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (!Path.of(entry).getFileName().toString().startsWith("jackson-")) {
        path.add(Path.of(entry).toUri().toURL());
      }
    }
    return new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  @Test
  void otherFailuresAreLeftToOthers() {
    assertThat(new StartFailureAnalyzer().analyze(new IllegalStateException("of another")))
        .isNull();
  }
}
