package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.ClassPaths;
import java.lang.reflect.Method;
import java.net.URLClassLoader;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an application is told whose settings need a library that it does not have. */
class AbsentLibrariesTest {

  @ParameterizedTest
  @CsvSource({
    "HikariCP, com.zaxxer:HikariCP",
    "jackson-core, tools.jackson.core:jackson-core",
    "h2, com.h2database:h2",
  })
  void areNamedByTheirCoordinates(String absent, String coordinates) throws Exception {
    Map<String, String> settings =
        Map.of(
            "geecache.groups.users.source", "jdbc",
            "geecache.groups.users.url", "jdbc:h2:mem:",
            "geecache.groups.users.result", "row",
            "geecache.groups.users.query", "select 1 where 1 = ?");

    assertThat(faultsWithout(absent, settings))
        .singleElement()
        .asString()
        .startsWith("geecache.groups.users: ")
        .contains(coordinates);
    assertThat(faultsWithout("nothing", settings)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"jdbc:postgresql://127.0.0.1:1/shop", "jdbc:h2:mem:"})
  void whatListensNeedsTheDriverOfPostgres(String url) throws Exception {
    Map<String, String> settings =
        Map.of(
            "geecache.groups.users.source", "jdbc",
            "geecache.groups.users.url", url,
            "geecache.groups.users.query", "select 1 where 1 = ?",
            "geecache.groups.users.listen", "changes");

    assertThat(faultsWithout("postgresql", settings))
        .singleElement()
        .asString()
        .startsWith("geecache.groups.users: ")
        .contains("org.postgresql:postgresql");
  }

  /** As an application's class loader has the product and its libraries, but for one. */
  private static List<?> faultsWithout(String absent, Map<String, String> settings)
      throws Exception {
    Thread current = Thread.currentThread();
    ClassLoader former = current.getContextClassLoader();
    try (URLClassLoader application = ClassPaths.without(absent + "-\\d.*")) {
      current.setContextClassLoader(application);
      Class<?> written = application.loadClass(WrittenSettings.class.getName());
      Method of = written.getDeclaredMethod("ofParameters", Map.class);
      Method faults = written.getDeclaredMethod("faults");
      of.setAccessible(true);
      faults.setAccessible(true);
      return (List<?>) faults.invoke(of.invoke(null, settings));
    } finally {
      current.setContextClassLoader(former);
    }
  }
}
