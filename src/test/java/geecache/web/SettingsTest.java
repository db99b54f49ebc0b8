package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.http.PeerOptions;
import jakarta.servlet.ServletContext;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.Level;

class SettingsTest {

  @Test
  void aLibraryUserGetsNoDemoAndQuietRequests() {
    assertThat(Settings.of(context("/shop", Map.of())))
        .isEqualTo(
            new Settings(true, false, "/shop", List.of(), PeerOptions.defaults(), Level.DEBUG));
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
        .isEqualTo(
            new Settings(
                false, true, "http://localhost:8001", List.of(), PeerOptions.defaults(), null));
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
    "geecache.public-reads, 1, 'geecache.public-reads must be true or false: 1'",
    "geecache.peer-requests, put, 'geecache.peer-requests must be batch or get: put'",
    "geecache.peer-timeout, 1s, 'geecache.peer-timeout must be a whole number of at least 500: 1s'",
    "geecache.removal-log, 0, 'geecache.removal-log must be a whole number of at least 1: 0'",
    "geecache.secret, fifteen-letters, 'geecache.secret: a secret must have at least 16 characters,"
        + " all visible ASCII; one has 15'",
    "geecache.request-log, loud, 'geecache.request-log must be info, debug or off: loud'",
  })
  void refusesWhatBreaksARule(String name, String value, String message) {
    assertThatThrownBy(() -> Settings.of(context("", Map.of(name, value))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void showTheirEffectOnOneLine() {
    Map<String, String> parameters =
        Map.of(
            "geecache.self", "/shop\r\nx",
            "geecache.peers", "http://a:1 , http://b:2/shop",
            "geecache.secret", "a-secret-of-sixteen-or-more",
            "geecache.public-reads", "true",
            "geecache.peer-requests", "get",
            "geecache.peer-timeout", "1500",
            "geecache.request-log", "off");
    assertThat(Settings.of(context("", parameters)))
        .hasToString(
            "geecache.enabled=true geecache.demo=false geecache.self=/shop\\r\\nx"
                + " geecache.peers=http://a:1,http://b:2/shop geecache.secret=****"
                + " geecache.public-reads=true geecache.peer-requests=get"
                + " geecache.peer-timeout=1500 geecache.peer-connections=64"
                + " geecache.peer-parked=64 geecache.peer-waiting=10000"
                + " geecache.removal-log=10000"
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
