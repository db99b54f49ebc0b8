package geecache.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletContext;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where web applications have their settings. */
class ContextSettingsTest {
  private static final String SELF = "geecache.self";

  @TempDir private Path directory;

  /** Each place in turn is the first that has the setting. */
  @ParameterizedTest
  @CsvSource({"4, system", "3, environment", "2, file", "1, parameter"})
  void theFirstPlaceThatHasASettingDecides(int places, String expected) throws Exception {
    Map<String, String> system =
        places < 4
            ? Map.of()
            : Map.of(SELF, "http://system", "geecache.config", file("").toString());
    Map<String, String> environment =
        places < 3 ? Map.of() : Map.of("GEECACHE_SELF", "http://environment");
    Path file = file(places < 2 ? "" : "geecache.self=http://file");
    WrittenSettings written =
        WrittenSettings.of("/shop")
            .system(system)
            .environment(environment)
            .parameters(Map.of(SELF, "http://parameter", "geecache.config", file.toString()));

    assertThat(written.settings().find(NodeSettingTable.SELF)).contains("http://" + expected);
  }

  @Test
  void withinAPlaceTheApplicationsOwnBeatsThatOfAll() throws Exception {
    Map<String, String> both = Map.of(SELF, "http://all", "geecache.shop.self", "http://shop");
    Path file = file("geecache.self=http://all\ngeecache.shop.self=http://shop\n");
    List<WrittenSettings> places =
        List.of(
            WrittenSettings.of("/shop").system(both),
            WrittenSettings.of("/shop")
                .environment(
                    Map.of("GEECACHE_SELF", "http://all", "GEECACHE_SHOP_SELF", "http://shop")),
            WrittenSettings.of("/shop").system(Map.of("geecache.config", file.toString())),
            WrittenSettings.of("/shop").parameters(both));

    for (WrittenSettings written : places) {
      assertThat(written.settings().find(NodeSettingTable.SELF)).contains("http://shop");
      WrittenSettings other =
          new WrittenSettings("/", written.system(), written.environment(), written.parameters());
      assertThat(other.settings().find(NodeSettingTable.SELF)).contains("http://all");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', geecache.ROOT.self, GEECACHE_ROOT_SELF",
    "/shop, geecache.shop.self, GEECACHE_SHOP_SELF",
    "/a/b, geecache.a/b.self, GEECACHE_A_B_SELF",
    "/shop-2, geecache.shop-2.self, GEECACHE_SHOP_2_SELF",
    "/self, geecache.self.self, GEECACHE_SELF_SELF",
  })
  void anApplicationIsCalledByItsContextPath(String path, String property, String variable) {
    assertThat(
            WrittenSettings.of(path)
                .system(Map.of(property, "http://x"))
                .settings()
                .find(NodeSettingTable.SELF))
        .contains("http://x");
    assertThat(
            WrittenSettings.of(path)
                .environment(Map.of(variable, "http://x"))
                .settings()
                .find(NodeSettingTable.SELF))
        .contains("http://x");
  }

  private Path file(String text) throws Exception {
    return Files.writeString(
        Files.createTempFile(directory, "geecache", ".properties"), text, UTF_8);
  }

  /** Containers may name a parameter twice, or without a value; those of others do not matter. */
  @Test
  void parametersOfOthersDoNotMatter() {
    ServletContext context =
        (ServletContext)
            Proxy.newProxyInstance(
                ServletContext.class.getClassLoader(),
                new Class<?>[] {ServletContext.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "getInitParameterNames" ->
                          Collections.enumeration(
                              List.of("other", "geecache.demo", "geecache.demo", "geecache.self"));
                      case "getInitParameter" ->
                          arguments[0].equals("geecache.demo") ? "false" : null;
                      case "getContextPath" -> "/shop";
                      default -> null;
                    });
    assertThat(ContextSettings.of(context).get(NodeSettingTable.DEMO)).isFalse();
  }
}
