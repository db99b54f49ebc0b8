package geecache.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Collections.enumeration;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import geecache.Geecache;
import geecache.Getter;
import geecache.LiveThreads;
import geecache.settings.Settings;
import geecache.source.Database;
import geecache.source.PostgresInvalidation;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who listens with whom; the database is never there. */
class DatabaseChangesTest {
  private static final String THREADS = "geecache-invalidation";
  private static final String URL = "jdbc:postgresql://127.0.0.1:1/shop";
  private static final Database SHOP = Database.url(URL);

  private final Geecache node = new Geecache();
  private final DatabaseChanges changes = new DatabaseChanges();

  @AfterEach
  void close() {
    changes.close();
    node.close();
    assertThat(LiveThreads.named(THREADS)).isEmpty();
  }

  private static Map<String, String> group(String name, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("source", "jdbc");
    settings.put("url", URL);
    settings.put("query", "select name from users where id = ?");
    settings.put("listen", "changes");
    settings.putAll(more);
    Map<String, String> named = new TreeMap<>();
    settings.forEach(
        (setting, value) -> named.put("geecache.groups." + name + "." + setting, value));
    return named;
  }

  private int connections(Map<String, String> one, Map<String, String> other) {
    Map<String, String> parameters = group("one", one);
    parameters.putAll(group("other", other));
    Settings settings = WrittenSettings.ofParameters(parameters).settings();
    assertThat(settings.faults()).isEmpty();
    settings.groups().forEach(group -> changes.add(group, settings));
    assertThat(LiveThreads.named(THREADS)).isEmpty();
    changes.start(node, "/shop");
    return LiveThreads.named(THREADS).size();
  }

  @Test
  void groupsOfOneDatabaseAndChannelShareAConnection() {
    assertThat(connections(Map.of("query", "select ?"), Map.of("ttl", "1s"))).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "listen=others",
        "url=" + URL + "2",
        "user=me",
        "driver=org.postgresql.ds.PGSimpleDataSource"
      })
  void groupsOfAnotherDatabaseOrChannelDoNot(String difference) {
    String[] setting = difference.split("=", 2);

    assertThat(connections(Map.of(), Map.of(setting[0], setting[1]))).isEqualTo(2);
  }

  @Test
  void aGroupListensOnlyIfItIsToldTo() {
    assertThat(connections(Map.of("listen", ""), Map.of("listen", ""))).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"listen-required=true", "ttl-while-deaf=1m"})
  void whatIsSaidOfListeningNeedsListen(String setting) {
    String[] parts = setting.split("=", 2);
    assertThat(
            WrittenSettings.ofParameters(group("users", Map.of("listen", "", parts[0], parts[1])))
                .faults())
        .containsExactly("geecache.groups.users: " + parts[0] + " needs listen");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"geecache.peers=http://a.example/,http://b.example/", "geecache.membership=dns"})
  void aNodeWithPeersNeedsASecretToListen(String peers) {
    Map<String, String> parameters = group("users", Map.of());
    parameters.put(peers.split("=", 2)[0], peers.split("=", 2)[1]);

    assertThat(WrittenSettings.ofParameters(parameters).faults())
        .containsExactly(
            "geecache.groups.users: listen needs geecache.secret where there are peers: without one"
                + " no node may remove on others what the database says that it changed");
    parameters.put("geecache.secret", "a-secret-for-these-tests");
    assertThat(WrittenSettings.ofParameters(parameters).faults()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"geecache", "_Az09", "9a", "a-b", "a\"", "", "\u00e4"})
  void aChannelIsWhatTheBuilderTakes(String name) {
    for (String channel :
        List.of(name, name + "x".repeat(63 - name.length()), name + "x".repeat(63))) {
      if (isTaken(channel)) {
        PostgresInvalidation.builder(SHOP).channel(channel);
      } else {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> PostgresInvalidation.builder(SHOP).channel(channel));
      }
    }
  }

  private static boolean isTaken(String channel) {
    try {
      GroupSettingTable.LISTEN.type().parse(channel);
      return true;
    } catch (IllegalArgumentException refused) {
      return false;
    }
  }

  /** Tells who listened when its node closed it. */
  private record Last(AtomicReference<List<String>> listened) implements Getter, AutoCloseable {
    @Override
    public byte[] get(String key) {
      return key.getBytes(UTF_8);
    }

    @Override
    public void close() {
      listened.set(LiveThreads.named(THREADS));
    }
  }

  @Test
  void anApplicationListensFromItsStartAndNoLongerWhenItsNodeEnds() {
    ServletContext context = application(group("users", Map.of()));
    Last last = new Last(new AtomicReference<>());
    Geecache.of(context).group("last").register(last);
    GeecacheListener listener = new GeecacheListener();

    listener.contextInitialized(new ServletContextEvent(context));
    assertThat(LiveThreads.named(THREADS)).hasSize(1);
    listener.contextDestroyed(new ServletContextEvent(context));

    assertThat(last.listened).hasValue(List.of());
  }

  private static ServletContext application(Map<String, String> parameters) {
    Map<String, Object> attributes = new ConcurrentHashMap<>();
    return (ServletContext)
        Proxy.newProxyInstance(
            DatabaseChangesTest.class.getClassLoader(),
            new Class<?>[] {ServletContext.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getAttribute" -> attributes.get((String) arguments[0]);
                  case "setAttribute" -> attributes.put((String) arguments[0], arguments[1]);
                  case "getContextPath" -> "/shop";
                  case "getInitParameterNames" -> enumeration(parameters.keySet());
                  case "getInitParameter" -> parameters.get((String) arguments[0]);
                  case "getServletRegistrations" -> Map.of();
                  default -> null;
                });
  }
}
