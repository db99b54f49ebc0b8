package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.http.Request.Mapping;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MappingsTest {
  private final Mappings mappings =
      new Mappings("/shop", List.of("/_geecache/*", "/a/b/*", "/_cluster/*", "/_groupcache/*"));

  @ParameterizedTest
  @CsvSource({
    "/shop/_geecache/scores/Tom, /scores/Tom, KEYS",
    "/shop/_geecache/, /, KEYS",
    "/shop/a/b/scores/Tom, /scores/Tom, KEYS",
    "/shop/_cluster/meet, /meet, NODES",
    "/shop/_groupcache/scores/Tom, /scores/Tom, GROUPCACHE",
  })
  void aPathWithoutEscapesTellsWhereItCameIn(String uri, String pathInfo, Mapping mapping) {
    assertThat(mappings.find(uri, pathInfo)).isEqualTo(mapping);
  }

  @ParameterizedTest
  @CsvSource({
    "/shop/_geecache,",
    "/shop/_geecache/scores/a%20b, /scores/a b",
    "/shop/_geecache/scores/Tom;x=y, /scores/Tom",
    "/shop/_geecache/scores/Tom, /Tom",
    "/shop/%5fgeecache/scores/Tom, /scores/Tom",
    "/shop/_geecache//scores/Tom, /scores/Tom",
    "//shop/_geecache/scores/Tom, /scores/Tom",
    "/shop/x/_geecache/scores/Tom, /scores/Tom",
    "/pots/_geecache/scores/Tom, /scores/Tom",
    "/_geecache/scores/Tom, /scores/Tom",
    "/scores/Tom, /shop/_geecache/scores/Tom",
  })
  void allOthersHaveToBeAsked(String uri, @Nullable String pathInfo) {
    assertThat(mappings.find(uri, pathInfo)).isNull();
  }

  @Test
  void aServletMayHaveAllOfItsApplication() {
    Mappings all = new Mappings("", Set.of("/*", "/exact", "*.txt"));
    assertThat(all.find("/scores/Tom", "/scores/Tom")).isEqualTo(Mapping.KEYS);
    assertThat(all.find("/exact/scores/Tom", "/scores/Tom")).isNull();
  }
}
