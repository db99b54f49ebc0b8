package geecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** {@code it/}, {@code bench/} and the examples name the same versions as the product's build. */
class BuildsTest {
  private static final Path PRODUCT = Path.of("pom.xml");
  private static final Path IT = Path.of("it", "pom.xml");
  private static final Path BENCH = Path.of("bench", "pom.xml");
  private static final Path STRESS = Path.of("it", "stress", "pom.xml");

  /** The distribution of the container, by the name of an artifact for embedding it. */
  private static final Map<String, String> CONTAINERS =
      Map.of(
          "tomcat-embed-core", "tomcat",
          "jetty-ee10-servlet", "jetty-home",
          "jetty-ee10-annotations", "jetty-home",
          "jetty-ee11-servlet", "jetty-home");

  /** An artifact, and the version that a build names. */
  private record Named(String artifact, String version) {}

  @ParameterizedTest
  @MethodSource("others")
  void othersNameTheVersionsOfThisOne(Path other) throws Exception {
    List<Named> known = new ArrayList<>(named(PRODUCT));
    if (!other.equals(IT)) {
      known.addAll(named(IT));
    }

    int compared = 0;
    for (Named one : named(other)) {
      String artifact = CONTAINERS.getOrDefault(one.artifact(), one.artifact());
      List<Named> same = known.stream().filter(each -> each.artifact().equals(artifact)).toList();
      // The version of the servlet API depends on the container.
      if (!same.isEmpty() && (other.equals(IT) || !artifact.equals("jakarta.servlet-api"))) {
        assertThat(same).as("%s in %s", one, other).contains(new Named(artifact, one.version()));
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(4);
  }

  @Test
  void whatIsDownloadedForTheExamplesIsWhatTheyName() throws Exception {
    List<Named> inExamples = new ArrayList<>();
    for (Path example : examples()) {
      inExamples.addAll(named(example));
    }
    NodeList extra = read(PRODUCT).getElementsByTagName("extraArtifact");
    assertThat(extra.getLength()).isPositive();
    for (Element each : elements(extra)) {
      String[] parts = each.getTextContent().split(":");
      assertThat(inExamples).contains(new Named(parts[1], parts[2]));
    }
  }

  /** Not all of them have an enforcer that requires it. */
  @ParameterizedTest
  @MethodSource("others")
  void othersNameTheVersionOfEveryPlugin(Path other) throws Exception {
    List<String> versioned = named(other).stream().map(Named::artifact).toList();
    for (Element plugin : elements(read(other).getElementsByTagName("plugin"))) {
      assertThat(child(plugin, "artifactId").orElseThrow()).isIn(versioned);
    }
  }

  static List<Path> others() throws IOException {
    return Stream.concat(Stream.of(IT, BENCH, STRESS), examples().stream()).toList();
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

  private static List<Named> named(Path build) throws Exception {
    Document document = read(build);
    List<Named> named = new ArrayList<>();
    for (Element each : elements(document.getElementsByTagName("*"))) {
      Optional<String> artifact = child(each, "artifactId");
      Optional<String> version = child(each, "version");
      if (artifact.isPresent() && version.isPresent()) {
        named.add(new Named(artifact.get(), resolved(document, version.get())));
      }
    }
    return named;
  }

  private static String resolved(Document build, String version) {
    if (!version.startsWith("${")) {
      return version;
    }
    String name = version.substring(2, version.length() - 1);
    return name.equals("project.version")
        ? child(build.getDocumentElement(), "version").orElseThrow()
        : build.getElementsByTagName(name).item(0).getTextContent();
  }

  private static Document read(Path build) throws Exception {
    return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(build.toFile());
  }

  private static Optional<String> child(Element parent, String name) {
    return elements(parent.getChildNodes()).stream()
        .filter(child -> child.getTagName().equals(name))
        .map(child -> child.getTextContent().strip())
        .findFirst();
  }

  private static List<Element> elements(NodeList nodes) {
    return IntStream.range(0, nodes.getLength())
        .mapToObj(nodes::item)
        .filter(Element.class::isInstance)
        .map(Element.class::cast)
        .toList();
  }
}
