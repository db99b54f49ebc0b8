package geecache.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Whose libraries the product runs with, where the container has the same. */
interface LibrariesContract extends Deployed {

  @Test
  default void everyLibraryOfTheWarIsTheWarsOwn() throws IOException {
    Answer answer = wire().get(Site.BLOCKING.at("/libraries"));

    assertThat(answer.code()).isEqualTo(200);
    assertThat(answer.text().lines())
        .hasSizeGreaterThan(10)
        .allSatisfy(
            line -> {
              String jar = line.substring(0, line.indexOf(' '));
              assertThat(line.substring(jar.length())).contains("blocking").contains(jar);
            });
  }
}
