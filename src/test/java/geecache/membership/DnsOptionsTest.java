package geecache.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DnsOptionsTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nodes:8080",
        "ftp://nodes",
        "http:///shop",
        "http://u:p@nodes",
        "http://nodes/?a",
        "http://nodes/#a",
        "nodes"
      })
  void aUrlThatCannotBeOfNodesIsRefused(String nodes) {
    assertThatThrownBy(() -> new DnsOptions(URI.create(nodes), SECOND, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "nodes are found by a URL like http://name[:port][/path], without user, query or"
                + " fragment");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://10.0.0.1:8080", "http://[::1]/shop"})
  void anAddressIsNoName(String nodes) {
    assertThatThrownBy(() -> new DnsOptions(URI.create(nodes), SECOND, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("nodes are found by a name, and this is an address: ");
  }

  @Test
  void anIntervalThatIsTooShortIsRefused() {
    assertThatThrownBy(
            () -> new DnsOptions(URI.create("http://nodes"), Duration.ofMillis(99), List.of()))
        .hasMessage("the interval must be at least 100 ms: PT0.099S");
  }

  @Test
  void theUrlOfAnAddressHasSchemePortAndPathOfTheNodes() {
    DnsOptions options = new DnsOptions(URI.create("https://n:1/a/b/"), SECOND, List.of());
    assertThat(options.url("10.0.0.1")).isEqualTo("https://10.0.0.1:1/a/b");
    assertThat(options.url("::1")).isEqualTo("https://[::1]:1/a/b");
  }
}
