package geecache.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What those who depend on the {@code classes} jar are given. */
class LibraryIT {
  private final Archive library = Archive.of("geecache-classes.jar");

  @Test
  void namesItsModule() throws Exception {
    assertThat(library.attribute("Automatic-Module-Name")).isEqualTo("geecache");
  }

  @Test
  void makesJBossServersShowWhatTheHttpClientNeeds() throws Exception {
    assertThat(library.attribute("Dependencies")).isEqualTo("jdk.net");
  }

  @Test
  void carriesTheFragmentAndNothingOfTheWar() throws Exception {
    assertThat(library.files())
        .contains("META-INF/web-fragment.xml", "geecache/Geecache.class")
        .noneMatch(name -> name.startsWith("WEB-INF/"));
  }

  @Test
  void carriesTheLicence() throws Exception {
    assertThat(library.read("META-INF/LICENSE")).isEqualTo(Files.readAllBytes(Path.of("LICENSE")));
  }

  @Test
  void comesWithSourcesAndJavadoc() throws Exception {
    assertThat(Archive.of("geecache-sources.jar").files()).contains("geecache/Geecache.java");
    assertThat(Archive.of("geecache-javadoc.jar").files()).contains("geecache/Geecache.html");
  }
}
