package geecache.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What those who depend on the {@code tests} jar are given. */
class KitJarIT {
  private final Archive kit = Archive.of("geecache-tests.jar");

  @Test
  void carriesThePackageOfTheKitAndNothingElse() throws Exception {
    List<String> classes =
        kit.files().stream().filter(name -> !name.startsWith("META-INF/")).toList();

    assertThat(classes)
        .contains("geecache/testing/TestCluster.class", "geecache/testing/FaultyPeer.class")
        .allMatch(name -> name.matches("geecache/testing/[\\w$-]+\\.class"));
  }

  @Test
  void leavesItsOwnTestsAtHome() throws Exception {
    assertThat(kit.files()).noneMatch(name -> name.matches(".*Test(\\$.*)?\\.class"));
  }

  @Test
  void namesItsModule() throws Exception {
    assertThat(kit.attribute("Automatic-Module-Name")).isEqualTo("geecache.testing");
  }

  @Test
  void carriesTheLicence() throws Exception {
    assertThat(kit.read("META-INF/LICENSE")).isEqualTo(Files.readAllBytes(Path.of("LICENSE")));
  }
}
