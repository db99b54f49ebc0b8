package geecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The examples can be built as they stand: with versions written out, and the ones of this build.
 */
class ExamplesTest {
  private static final Pattern ARTIFACT =
      Pattern.compile("<artifactId>([\\w-]+)</artifactId>\\s*<version>([^<]+)</version>");

  /** What only examples have, by the property with its version. */
  private static final Map<String, String> OTHERS =
      Map.of(
          "tomcat-embed-core", "tomcat11.version",
          "jetty-ee10-servlet", "jetty12.version",
          "jetty-ee10-annotations", "jetty12.version");

  @Test
  void haveTheVersionsOfThisBuild() throws IOException {
    String build = Files.readString(Path.of("pom.xml"));
    Map<String, String> versions = new TreeMap<>();
    ARTIFACT
        .matcher(build)
        .results()
        .forEach(found -> versions.put(found.group(1), resolved(build, found.group(2))));
    OTHERS.forEach((artifact, name) -> versions.put(artifact, property(build, name)));

    for (Path example : examples()) {
      Matcher found = ARTIFACT.matcher(Files.readString(example));
      found.find(); // The example itself.
      while (found.find()) {
        if (!found
            .group(1)
            .equals("jakarta.servlet-api")) { // Whatever the example's container has.
          assertThat(found.group(2))
              .as("%s in %s", found.group(1), example)
              .isEqualTo(versions.get(found.group(1)));
        }
      }
    }
  }

  private static List<Path> examples() throws IOException {
    try (Stream<Path> directories = Files.list(Path.of("examples"))) {
      List<Path> poms =
          directories
              .map(directory -> directory.resolve("pom.xml"))
              .filter(Files::exists)
              .sorted()
              .toList();
      assertThat(poms).hasSizeGreaterThan(4);
      return poms;
    }
  }

  private static String resolved(String build, String version) {
    return version.startsWith("${")
        ? property(build, version.substring(2, version.length() - 1))
        : version;
  }

  private static String property(String build, String name) {
    Matcher property = Pattern.compile("<" + Pattern.quote(name) + ">([^<]+)<").matcher(build);
    assertThat(property.find()).as(name).isTrue();
    return property.group(1);
  }
}
