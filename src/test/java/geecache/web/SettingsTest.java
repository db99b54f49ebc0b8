package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.ServletContext;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.Level;

class SettingsTest {

  @Test
  void aLibraryUserGetsNoDemoAndQuietRequests() {
    assertThat(Settings.of(context("/shop", Map.of())))
        .isEqualTo(new Settings(true, false, "/shop", Level.DEBUG));
    assertThat(Settings.of(context("", Map.of())).self()).isEqualTo("/");
  }

  @Test
  void readsContextParameters() {
    Map<String, String> parameters =
        Map.of(
            "geecache.enabled", "false",
            "geecache.demo", "true",
            "geecache.self", " http://localhost:8001 ",
            "geecache.request-log", "off");
    assertThat(Settings.of(context("", parameters)))
        .isEqualTo(new Settings(false, true, "http://localhost:8001", null));
  }

  @Test
  void aSystemPropertyBeatsAContextParameter() {
    System.setProperty("geecache.self", "http://localhost:8002");
    try {
      assertThat(Settings.of(context("", Map.of("geecache.self", "x"))).self())
          .isEqualTo("http://localhost:8002");
    } finally {
      System.clearProperty("geecache.self");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "geecache.demo, yes, 'geecache.demo must be true or false: yes'",
    "geecache.enabled, FALSE, 'geecache.enabled must be true or false: FALSE'",
    "geecache.request-log, loud, 'geecache.request-log must be info, debug or off: loud'",
  })
  void refusesWhatBreaksARule(String name, String value, String message) {
    assertThatThrownBy(() -> Settings.of(context("", Map.of(name, value))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void showTheirEffectOnOneLine() {
    assertThat(new Settings(true, false, "/shop\r\n", null))
        .hasToString(
            "geecache.enabled=true geecache.demo=false geecache.self=/shop\\r\\n"
                + " geecache.request-log=off");
  }

  private static ServletContext context(String path, Map<String, String> parameters) {
    return (ServletContext)
        Proxy.newProxyInstance(
            SettingsTest.class.getClassLoader(),
            new Class<?>[] {ServletContext.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getInitParameter" -> parameters.get((String) arguments[0]);
                  case "getContextPath" -> path;
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }
}
