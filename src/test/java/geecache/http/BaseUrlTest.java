package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BaseUrlTest {

  @ParameterizedTest
  @CsvSource({
    "http://a:8080, http://a:8080",
    "http://a:8080/, http://a:8080",
    "' http://a:8080/shop// ', http://a:8080/shop",
    "HTTP://Node-1.Example.COM/Shop, http://node-1.example.com/Shop",
    "https://a, https://a",
    "https://a:443, https://a:443",
    "http://a:, http://a",
    "http://[::1]:80/x, http://[::1]:80/x",
    "http://10.0.0.1:1/a%20b, http://10.0.0.1:1/a%20b",
  })
  void isWrittenInOneWay(String url, String normalized) {
    assertThat(BaseUrl.normalized(url)).isEqualTo(normalized);
    assertThat(BaseUrl.normalized(normalized)).isEqualTo(normalized);
    assertThat(BaseUrl.normalizedOrNull(url)).isEqualTo(normalized);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a:8080",
        "/shop",
        "//a:8080",
        "ftp://a",
        "http:",
        "http:a",
        "http://",
        "http:///shop",
        "http://:80",
        "http://a?x=1",
        "http://a/?",
        "http://a#b",
        "http://user@a",
        "http://a b",
        "http://a:port",
      })
  void anythingElseIsRefused(String url) {
    assertThatThrownBy(() -> BaseUrl.normalized(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a node's URL must be http(s)://host[:port][/path], without user, query or fragment: "
                + url.replace("user@", "****@"));
    assertThat(BaseUrl.normalizedOrNull(url)).isNull();
  }
}
