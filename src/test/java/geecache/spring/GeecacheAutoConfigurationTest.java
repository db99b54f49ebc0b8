package geecache.spring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.Geecache;
import geecache.Getter;
import geecache.Group;
import geecache.GroupProvider;
import geecache.LogCapture;
import geecache.Unchecked;
import geecache.codec.Codec;
import geecache.metrics.GeecacheMetrics;
import geecache.web.ConfiguredNode;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.health.Status;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.CachingConfigurer;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.cache.interceptor.CacheErrorHandler;
import org.springframework.cache.interceptor.CacheResolver;
import org.springframework.cache.interceptor.SimpleCacheErrorHandler;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class GeecacheAutoConfigurationTest {
  private static final Getter GREETING = String::getBytes;

  private final ApplicationContextRunner withoutCaching =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  ActuatorAutoConfiguration.class, GeecacheAutoConfiguration.class))
          .withPropertyValues("geecache.spring.packages=geecache.spring", "geecache.jmx=false");

  private final ApplicationContextRunner runner =
      withoutCaching.withUserConfiguration(Caching.class);

  @Configuration(proxyBeanMethods = false)
  @EnableCaching
  static class Caching {}

  record User(long id, String name) {}

  static class Users {
    private final AtomicInteger calls = new AtomicInteger();

    /** Of the object itself: a proxy has fields of its own. */
    public int calls() {
      return calls.get();
    }

    @Cacheable("users")
    public User find(long id) {
      return new User(id, "call " + calls.incrementAndGet());
    }

    @Cacheable(cacheNames = "synced", sync = true)
    public User findSynced(long id, String name) {
      return name == null ? null : new User(id, name + calls.incrementAndGet());
    }

    @CacheEvict("users")
    public void change(long id) {}

    @CacheEvict(cacheNames = "users", allEntries = true, beforeInvocation = true)
    public void changeAll() {}

    @CachePut(cacheNames = "users", key = "#p0.id()")
    public User put(User user) {
      return user;
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableCaching
  static class Cached {
    @Bean
    Users users() {
      return new Users();
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Transacted {
    @Bean
    PlatformTransactionManager transactionManager() {
      JdbcDataSource database = new JdbcDataSource();
      database.setURL("jdbc:h2:mem:autoconfigured");
      return new DataSourceTransactionManager(database);
    }
  }

  @Test
  void bootFindsIt() {
    assertThat(ImportCandidates.load(AutoConfiguration.class, getClass().getClassLoader()))
        .contains(GeecacheAutoConfiguration.class.getName());
  }

  @Test
  void annotationsCacheInGroupsOfTheNode() {
    runner
        .withUserConfiguration(Cached.class)
        .withPropertyValues("geecache.groups.users.ttl=10m")
        .run(
            context -> {
              Users users = context.getBean(Users.class);
              assertThat(users.find(7)).isEqualTo(new User(7, "call 1"));
              assertThat(users.find(7)).isEqualTo(new User(7, "call 1"));
              users.change(7);
              assertThat(users.find(7)).isEqualTo(new User(7, "call 2"));
              users.changeAll();
              assertThat(users.find(7)).isEqualTo(new User(7, "call 3"));
              users.put(new User(7, "put"));
              assertThat(users.find(7)).isEqualTo(new User(7, "put"));
              assertThat(users.findSynced(1, null)).isNull();
              assertThat(users.findSynced(1, null)).isNull();
              assertThat(users.findSynced(1, "a")).isEqualTo(users.findSynced(1, "a"));
              assertThat(context.getBean(Geecache.class).find("users")).isPresent();
            });
  }

  /** A node that did not have one would refuse the evicts of others. */
  @Test
  void cachesThatAreNamedAreThereFromTheStart() {
    runner
        .withUserConfiguration(Cached.class)
        .withPropertyValues("spring.cache.cache-names=orders,items")
        .run(
            context ->
                assertThat(context.getBean(CacheManager.class).getCacheNames())
                    .containsExactlyInAnyOrder("users", "synced", "orders", "items"));
  }

  @Test
  void transactionManagersTellTheirBeginning() {
    runner
        .withUserConfiguration(Cached.class, Transacted.class)
        .run(
            context -> {
              Users users = context.getBean(Users.class);
              TransactionTemplate transaction =
                  new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
              transaction.executeWithoutResult(
                  status -> {
                    users.findSynced(1, "a");
                    users.findSynced(1, "a");
                  });
              assertThat(users.calls()).isEqualTo(2);
              Group group = context.getBean(Geecache.class).find("synced").orElseThrow();
              await().until(() -> group.stats().entries() == 1);
              users.findSynced(1, "a");
              assertThat(users.calls()).isEqualTo(2);
            });
  }

  @Test
  void theNodeEndsWithTheContext() {
    Geecache[] node = new Geecache[1];
    runner.run(
        context -> {
          node[0] = context.getBean(Geecache.class);
          node[0].newGroup("mine", 1 << 20, key -> null);
        });
    assertThat(node[0].groups()).isEmpty();
  }

  @Test
  void wrongSettingsEndTheStartAndNameThemselves() {
    runner
        .withPropertyValues("geecache.peer-timeout=1000", "geecache.groups.users.query=select 1")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasStackTraceContaining("geecache.peer-timeout=1000")
                    .hasStackTraceContaining("query is for source=jdbc"));
  }

  @Test
  void anotherCacheManagerOrTypeIsLeftAlone() {
    runner
        .withBean(CacheManager.class, ConcurrentMapCacheManager::new)
        .run(context -> assertThat(context).doesNotHaveBean(GeecacheCacheManager.class));
    runner
        .withPropertyValues("spring.cache.type=none")
        .withBean(CachingConfigurer.class, GeecacheAutoConfigurationTest::withoutCaches)
        .run(context -> assertThat(context).doesNotHaveBean(GeecacheCacheManager.class));
    runner
        .withPropertyValues("geecache.enabled=false")
        .withBean(CachingConfigurer.class, GeecacheAutoConfigurationTest::withoutCaches)
        .run(
            context ->
                assertThat(context)
                    .doesNotHaveBean(Geecache.class)
                    .doesNotHaveBean(GeecacheCacheManager.class)
                    .hasNotFailed());
  }

  private static CachingConfigurer withoutCaches() {
    return new CachingConfigurer() {
      @Override
      public CacheResolver cacheResolver() {
        return operation -> List.of();
      }
    };
  }

  @Test
  void aNodeOfTheApplicationIsUsed() {
    Geecache own = new Geecache();
    try (LogCapture log = new LogCapture(GeecacheAutoConfiguration.class, Level.WARNING)) {
      runner
          .withBean(Geecache.class, () -> own)
          .run(
              context -> {
                assertThat(context).doesNotHaveBean(ConfiguredNode.class);
                context.getBean(CacheManager.class).getCache("users").put("a", "b");
                assertThat(own.find("users")).isPresent();
              });
      assertThat(log.messages()).anyMatch(line -> line.contains("reads no settings"));
    }
  }

  @Test
  void groupsOfProvidersAreRegistered() {
    GroupProvider provider = node -> node.newGroup("greetings", 1 << 20, GREETING);
    for (ApplicationContextRunner each :
        List.of(runner, withoutCaching.withPropertyValues("spring.cache.type=none"))) {
      each.withBean(GroupProvider.class, () -> provider)
          .run(
              context -> assertThat(context.getBean(Geecache.class).find("greetings")).isPresent());
    }
  }

  @Test
  void thereAreNoCachesUnlessCachingIsEnabled() {
    withoutCaching.run(
        context ->
            assertThat(context)
                .hasSingleBean(Geecache.class)
                .doesNotHaveBean(CacheManager.class)
                .hasNotFailed());
  }

  @Test
  void aNodeWithPeersAndNoSecretSaysSo() {
    try (LogCapture log = new LogCapture(NodeLife.class, Level.WARNING)) {
      runner
          .withPropertyValues("geecache.peers=http://127.0.0.1:1,http://127.0.0.1:2")
          .run(context -> assertThat(context).hasNotFailed());
      assertThat(log.messages()).anyMatch(line -> line.contains("without geecache.secret"));
    }
  }

  @Test
  void unknownPropertiesAreTold() {
    try (LogCapture log = new LogCapture(GeecacheAutoConfiguration.class, Level.WARNING)) {
      runner.withPropertyValues("geecache.peer=x").run(context -> {});
      assertThat(log.messages()).anyMatch(line -> line.contains("unknown setting geecache.peer "));
    }
  }

  @Test
  void healthAndMetersAreThere() {
    runner.run(
        context -> {
          assertThat(context).hasSingleBean(GeecacheMetrics.class);
          assertThat(context).hasBean("geecacheHealthIndicator");
          NodeHealth health = new NodeHealth(context.getBean(ConfiguredNode.class));
          assertThat(new Boot3Health(health).health().getStatus()).isEqualTo(Status.UP);
          assertThat(new Boot4Health(health).health().getStatus().getCode()).isEqualTo("UP");
        });
    runner
        .withPropertyValues("geecache.required-groups=missing", "geecache.metrics=false")
        .run(
            context -> {
              assertThat(context).doesNotHaveBean(GeecacheMetrics.class);
              NodeHealth health = new NodeHealth(context.getBean(ConfiguredNode.class));
              assertThat(new Boot3Health(health).health().getStatus())
                  .isEqualTo(Status.OUT_OF_SERVICE);
              assertThat(new Boot4Health(health).health().getDetails())
                  .containsEntry("lacking", List.of("no group missing"))
                  .containsKeys("nodes", "inContact");
            });
  }

  /** What the write has done stays done; see the default of the cache's own error handler. */
  @Test
  void anEvictThatDoesNotReachAllNodesGoesToTheErrorHandler() {
    String[] cluster = {
      "geecache.peers=http://127.0.0.1:1,http://127.0.0.1:2",
      "geecache.secret=0123456789abcdef",
      "geecache.self=http://127.0.0.1:1",
      "geecache.peer-timeout=500ms"
    };
    try (LogCapture log = new LogCapture(LoggedChanges.class, Level.WARNING)) {
      runner
          .withUserConfiguration(Cached.class)
          .withPropertyValues(cluster)
          .run(context -> context.getBean(Users.class).change(7));
      assertThat(log.messages())
          .anyMatch(line -> line.contains("a key was not evicted from the cache users"));
    }
    runner
        .withUserConfiguration(Cached.class)
        .withBean(CacheErrorHandler.class, SimpleCacheErrorHandler::new)
        .withPropertyValues(cluster)
        .run(
            context ->
                assertThatThrownBy(() -> context.getBean(Users.class).change(7))
                    .isInstanceOf(Unchecked.NotReachedException.class));
  }

  @Test
  void keysAndCodecOfTheApplicationAreUsed() {
    runner
        .withUserConfiguration(Own.class)
        .run(
            context -> {
              Cache cache = context.getBean(CacheManager.class).getCache("own");
              Object key = new OrderRef("7");
              cache.put(key, "value");
              assertThat(cache.get(key).get()).isEqualTo("value!");
            });
  }

  /** Has no text of its own. */
  private static final class OrderRef {
    private final String number;

    OrderRef(String number) {
      this.number = number;
    }

    String number() {
      return number;
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Own {
    @Bean
    KeyText orderKeys() {
      return key -> key instanceof OrderRef ref ? ref.number() : null;
    }

    @Bean
    Codec<Object> values() {
      return Codec.of(
          value -> value.toString().getBytes(UTF_8),
          bytes -> new String(bytes, UTF_8) + "!",
          "text/plain");
    }
  }
}
