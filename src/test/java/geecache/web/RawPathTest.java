package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RawPathTest {

  @ParameterizedTest
  @CsvSource({
    "'', /_geecache, /_geecache/scores/Tom, /scores/Tom",
    "/shop, /_geecache, /shop/_geecache/scores/a%2Fb, /scores/a%2Fb",
    "/a/b, /c/d, /a/b/c/d/scores/Tom, /scores/Tom",
    "'', '', /scores/Tom, /scores/Tom",
    "/sh%20op, /_geecache, /sh%20op/%5fgeecache/scores/, /scores/",
    "'', /_geecache, /_geecache, ''",
    "'', /_geecache, /_geecache/, /",
    "'', /_geecache, /_geecache//x, //x",
    "'', /_geecache, //_geecache/scores/Tom, /_geecache/scores/Tom",
  })
  void isWhatFollowsTheMapping(String context, String servlet, String uri, String rest) {
    HttpServletRequest request =
        fake(
            HttpServletRequest.class,
            Map.of("getContextPath", context, "getServletPath", servlet, "getRequestURI", uri));
    assertThat(RawPath.afterMapping(request)).isEqualTo(rest);
  }

  @Test
  void aContainerMayRefuseToGiveThePathInfo() {
    HttpServletRequest refusing =
        (HttpServletRequest)
            Proxy.newProxyInstance(
                RawPathTest.class.getClassLoader(),
                new Class<?>[] {HttpServletRequest.class},
                (proxy, method, arguments) -> {
                  throw new IllegalArgumentException("Ambiguous URI path separator");
                });
    assertThat(RawPath.pathInfo(refusing)).isNull();
  }

  private static <T> T fake(Class<T> type, Map<String, ?> answers) {
    return type.cast(
        Proxy.newProxyInstance(
            RawPathTest.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> answers.get(method.getName())));
  }
}
