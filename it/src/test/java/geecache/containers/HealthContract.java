package geecache.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where the health checks are, and that they need no secret. */
interface HealthContract extends Deployed {

  @ParameterizedTest
  @MethodSource("geecache.containers.Site#products")
  default void theProductTellsItsHealth(Site site) throws IOException {
    assertHealthy(site.at("/health"));
  }

  @Test
  default void aLibraryTellsItsHealthWhereNoApplicationHasIts() throws IOException {
    assertHealthy(Site.LIBRARY.at("/_health"));
    assertAbsent(Site.LIBRARY.at("/health"));
  }

  @Test
  default void anApplicationMovesTheHealthOfItsLibrary() throws IOException {
    assertHealthy(Site.GUARDED.at("/status"));
    assertAbsent(Site.GUARDED.at("/_health"));
  }

  @Test
  default void switchedOffThereIsNoHealth() throws IOException {
    assertAbsent(Site.DISABLED.at("/_health"));
  }

  private void assertHealthy(String path) throws IOException {
    for (String what : new String[] {"live", "ready"}) {
      Answer answer = client().get(path + "/" + what);
      assertThat(answer.code()).as("%s", answer).isEqualTo(200);
      assertThat(answer.text()).isEqualTo(what + "\n");
      assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    }
  }

  private void assertAbsent(String path) throws IOException {
    assertThat(client().get(path + "/live").code()).isEqualTo(404);
    assertThat(client().get(path + "/ready").code()).isEqualTo(404);
  }
}
