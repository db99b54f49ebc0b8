package geecache.packaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

/** What the WAR brings into a container. */
class WarIT {
  /** 6 for a node with a list of its peers, 3 for JGroups and dnsjava, and 1 for metrics. */
  private static final long MAX_BYTES = 10L << 20;

  private final Archive war = Archive.of("geecache.war");

  @Test
  void carriesExactlyTheseLibraries() throws Exception {
    assertThat(libraries().map(library -> nameOf(library) + ".jar"))
        .containsExactlyInAnyOrder(
            "HdrHistogram.jar",
            "HikariCP.jar",
            "caffeine.jar",
            "dnsjava.jar",
            "httpclient5.jar",
            "httpcore5-h2.jar",
            "httpcore5.jar",
            "jackson-core.jar",
            "jgroups.jar",
            "jspecify.jar",
            "micrometer-commons.jar",
            "micrometer-core.jar",
            "micrometer-observation.jar",
            "micrometer-registry-prometheus.jar",
            "prometheus-metrics-config.jar",
            "prometheus-metrics-core.jar",
            "prometheus-metrics-exposition-textformats.jar",
            "prometheus-metrics-model.jar",
            "prometheus-metrics-tracer-common.jar",
            "protobuf-javalite.jar",
            "slf4j-api.jar",
            "slf4j-jdk14.jar");
  }

  @Test
  void classesAreForOneJavaReleaseAndHaveNoFragment() throws Exception {
    List<String> metadata = filesUnder("WEB-INF/classes/META-INF/").toList();

    assertThat(metadata).noneMatch(name -> name.startsWith("versions/"));
    assertThat(metadata).doesNotContain("web-fragment.xml");
  }

  @Test
  void descriptorIsCompleteAndItsServletsAndFiltersAreAsynchronous() throws Exception {
    Document descriptor =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(war.read("WEB-INF/web.xml")));

    assertThat(descriptor.getDocumentElement().getAttribute("metadata-complete")).isEqualTo("true");
    int servlets = descriptor.getElementsByTagName("servlet").getLength();
    int filters = descriptor.getElementsByTagName("filter").getLength();
    assertThat(servlets).isPositive();
    assertThat(texts(descriptor, "async-supported"))
        .hasSize(servlets + filters)
        .containsOnly("true");
  }

  @Test
  void makesJBossServersShowWhatTheHttpClientNeeds() throws Exception {
    assertThat(war.attribute("Dependencies")).isEqualTo("jdk.net");
  }

  @Test
  void isAtMostTenMebibytes() throws Exception {
    assertThat(Files.size(war.path())).isLessThanOrEqualTo(MAX_BYTES);
  }

  @Test
  void carriesTheLicence() throws Exception {
    assertThat(war.read("META-INF/LICENSE")).isEqualTo(Files.readAllBytes(Path.of("LICENSE")));
  }

  /** The licences of some ask for their text wherever they are given on. */
  @Test
  void carriesTheNoticesOfEveryLibrary() throws Exception {
    String notices = new String(war.read("META-INF/THIRD-PARTY.txt"), UTF_8);

    for (String library : libraries().toList()) {
      assertThat(notices).containsPattern("(?m)(^|[ ,])" + nameOf(library) + "($|[ ,])");
    }
    assertThat(notices)
        .contains("Copyright 2008 Google Inc.  All rights reserved.", "Brian Wellington", "QOS.ch");
  }

  @Test
  void carriesABillOfMaterialsOfExactlyItsLibraries() throws Exception {
    String bom = new String(war.read("META-INF/sbom/application.cdx.json"), UTF_8);

    Pattern artifact = Pattern.compile("\"purl\" : \"pkg:maven/[^/]+/([^@]+)@([^?]+)\\?type=jar\"");
    assertThat(
            artifact.matcher(bom).results().map(one -> one.group(1) + "-" + one.group(2) + ".jar"))
        .containsExactlyInAnyOrderElementsOf(libraries().toList());
    for (String library : libraries().toList()) {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(war.read("WEB-INF/lib/" + library));
      assertThat(bom).as(library).contains(HexFormat.of().formatHex(digest));
    }
    assertThat(bom).contains("\"bomFormat\" : \"CycloneDX\"", "\"type\" : \"application\"");
  }

  private Stream<String> libraries() throws Exception {
    return filesUnder("WEB-INF/lib/");
  }

  private static String nameOf(String library) {
    return library
        .replaceFirst("-\\d[\\w.]*(-SNAPSHOT)?(?=(-[a-z]+)?\\.jar$)", "")
        .replace(".jar", "");
  }

  private Stream<String> filesUnder(String folder) throws Exception {
    return war.files().stream()
        .filter(name -> name.startsWith(folder))
        .map(name -> name.substring(folder.length()));
  }

  private static Stream<String> texts(Document document, String element) {
    var found = document.getElementsByTagName(element);
    return Stream.iterate(0, i -> i < found.getLength(), i -> i + 1)
        .map(i -> found.item(i).getTextContent().strip());
  }
}
