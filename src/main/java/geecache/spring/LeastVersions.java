package geecache.spring;

import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hc.core5.util.VersionInfo;
import org.jspecify.annotations.Nullable;

/**
 * The least versions of the libraries that a node needs, with which it is tested. The dependency
 * management of Spring Boot chooses older ones than geecache does.
 */
final class LeastVersions {
  static final Map<String, String> LEAST =
      new TreeMap<>(
          Map.of(
              "com.github.ben-manes.caffeine:caffeine", "3.2.4",
              "org.apache.httpcomponents.client5:httpclient5", "5.5.2",
              "org.apache.httpcomponents.core5:httpcore5", "5.3.6"));

  private LeastVersions() {}

  /** Returns a line for each library of this application that is older. */
  static List<String> missed() {
    ClassLoader loader = LeastVersions.class.getClassLoader();
    return missed(
        Map.of(
            "com.github.ben-manes.caffeine:caffeine", ofPackage(Caffeine.class),
            "org.apache.httpcomponents.client5:httpclient5",
                ofInfo("org.apache.hc.client5", loader),
            "org.apache.httpcomponents.core5:httpcore5", ofInfo("org.apache.hc.core5", loader)));
  }

  /**
   * Returns a line for each that is older.
   *
   * @param found empty where a library does not tell its version
   */
  static List<String> missed(Map<String, String> found) {
    List<String> missed = new ArrayList<>();
    LEAST.forEach(
        (library, least) -> {
          String version = found.getOrDefault(library, "");
          if (!version.isEmpty() && isOlder(version, least)) {
            missed.add(library + " is " + version + ", and at least " + least + " is needed");
          }
        });
    return missed;
  }

  private static boolean isOlder(String version, String least) {
    String[] ours = version.split("[^0-9]+");
    String[] needed = least.split("\\.");
    for (int i = 0; i < needed.length; i++) {
      int one = i < ours.length && !ours[i].isEmpty() ? Integer.parseInt(ours[i]) : 0;
      int other = Integer.parseInt(needed[i]);
      if (one != other) {
        return one < other;
      }
    }
    return false;
  }

  private static String ofPackage(Class<?> type) {
    @Nullable String version = type.getPackage().getImplementationVersion();
    return version == null ? "" : version;
  }

  private static String ofInfo(String name, @Nullable ClassLoader loader) {
    @Nullable VersionInfo info = VersionInfo.loadVersionInfo(name, loader);
    return info == null || info.getRelease() == null ? "" : info.getRelease();
  }
}
