package geecache.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** That applications in one container differ by settings, in each container. */
interface SettingsContract extends Deployed {

  @Test
  default void oneWarDeployedTwiceHasTheGroupsOfEitherPlace() throws IOException {
    Path war =
        new Wars(container().instance().resolve("wars"))
            .product(
                Map.of(
                    "geecache.groups.both.source", "scores",
                    "geecache.groups.both.max-value-bytes", "16MiB",
                    "geecache.first.groups.one.source", "scores",
                    "geecache.second.groups.two.source", "scores",
                    "geecache.second.groups.both.max-value-bytes", "2"));
    for (String path : List.of("/first", "/second")) {
      container().deploy(war, path);
    }

    awaitAnswer("/first/_geecache/one/Tom", 200, "630");
    awaitAnswer("/second/_geecache/two/Tom", 200, "630");
    awaitAnswer("/first/_geecache/two/Tom", 404, "no such group: two\n");
    awaitAnswer("/second/_geecache/one/Tom", 404, "no such group: one\n");
    awaitAnswer("/first/_geecache/both/Tom", 200, "630");
    assertThat(wire().get("/second/_geecache/both/Tom").code()).isEqualTo(500);
    for (String path : List.of("/first", "/second")) {
      assertThat(wire().get(path + "/_geecache/scores/Tom").code()).isEqualTo(404);
      container().undeploy(path);
    }
  }

  private void awaitAnswer(String target, int code, String body) {
    Awaitility.await(target)
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              Answer answer = wire().get(target);
              assertThat(answer.isOurs()).isTrue();
              assertThat(answer.code()).isEqualTo(code);
              assertThat(answer.text()).isEqualTo(body);
            });
  }
}
