package geecache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Geecache;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.cache.interceptor.CacheResolver;
import org.springframework.cache.interceptor.KeyGenerator;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

/** What Spring's annotations do with these caches, in an application without Spring Boot. */
class AnnotationsTest {
  private final AnnotationConfigApplicationContext context =
      new AnnotationConfigApplicationContext(Application.class);
  private final AnnotatedUsers users = context.getBean(AnnotatedUsers.class);

  @AfterEach
  void close() {
    context.close();
  }

  @Configuration(proxyBeanMethods = false)
  @EnableCaching
  static class Application {
    @Bean(destroyMethod = "close")
    Geecache node() {
      return new Geecache();
    }

    @Bean
    @Primary
    GeecacheCacheManager manager(Geecache node) {
      return GeecacheCacheManager.builder(node, List.of("geecache.spring")).build();
    }

    @Bean
    CacheManager otherManager() {
      return new ConcurrentMapCacheManager();
    }

    @Bean
    CacheResolver resolver(GeecacheCacheManager manager) {
      return operation -> List.of(manager.getCache("of-" + operation.getMethod().getName()));
    }

    @Bean
    KeyGenerator keysOfMethods() {
      return (target, method, keys) -> method.getName() + Arrays.toString(keys);
    }

    @Bean
    AnnotatedUsers users() {
      return new AnnotatedUsers();
    }

    @Bean
    AnnotatedUsers.Derived derived() {
      return new AnnotatedUsers.Derived();
    }

    @Bean
    AnnotatedUsers.Described described() {
      return new AnnotatedUsers.Implementing();
    }
  }

  private Cache cache(String name) {
    return context.getBean(GeecacheCacheManager.class).getCache(name);
  }

  private Object inUsers(Object key) {
    Cache.ValueWrapper found = cache("users").get(key);
    return found == null ? "nothing" : found.get();
  }

  private static void assertCached(UnaryOperator<Object> method) {
    for (Object key : List.of("Tom", 7L)) {
      Object first = method.apply(key);
      assertThat(method.apply(key)).isEqualTo(first);
      assertThat(method.apply(key)).isEqualTo(first);
    }
    assertThat(method.apply("Tom")).isNotEqualTo(method.apply(7L));
  }

  @Test
  void aMethodIsCalledOnceForAKey() {
    assertCached(users::find);
    users.evictAll();
    assertCached(users::findOnce);
    assertCached(key -> users.findOfMany(key, 2, 3));
    assertThat(users.findOfMany(1, 2, 3)).isNotEqualTo(users.findOfMany(1, 2));
    assertCached(users::findInResolved);
    assertThat(cache("of-findInResolved").get("Tom")).isNotNull();
  }

  @Test
  void nothingIsAValueAndAParameterMayBeNull() {
    assertThat(users.findNone("Tom")).isNull();
    assertThat(users.findNone("Tom")).isNull();
    assertThat(inUsers("Tom")).isNull();
    assertThat(users.findNoneOnce("Sam")).isNull();
    assertThat(users.findNoneOnce("Sam")).isNull();
    assertThat(inUsers("Sam")).isNull();
    assertThat(users.calls()).isEqualTo(2);
    assertThat(users.find(null)).isEqualTo(users.find(null));
  }

  @Test
  void conditionsAreHeeded() {
    assertThat(users.findOnCondition(4)).isNotEqualTo(users.findOnCondition(4));
    assertThat(users.findOnCondition(3)).isEqualTo(users.findOnCondition(3));
    users.evictAll();
    assertThat(users.findOnceOnCondition(4)).isNotEqualTo(users.findOnceOnCondition(4));
    assertThat(users.findOnceOnCondition(3)).isEqualTo(users.findOnceOnCondition(3));
    users.findUnless(10);
    users.findUnless(11);
    assertThat(inUsers(10)).isEqualTo(10L);
    assertThat(inUsers(11)).isEqualTo("nothing");
    users.putOnCondition(1);
    assertThat(inUsers(1)).isEqualTo("nothing");
    assertThat(inUsers(3)).isNotEqualTo(users.putOnCondition(3));
    assertThat(inUsers(3)).isEqualTo(users.calls());
  }

  @Test
  void keysMayBeExpressionsOrOfAGenerator() {
    assertThat(users.findByFirst(5, 1)).isEqualTo(users.findByFirst(5, 2));
    assertThat(users.findByFirst(1, 5)).isNotEqualTo(users.findByFirst(2, 5));
    assertThat(users.findByMethod(1)).isEqualTo(inUsers("findByMethodusers"));
    assertThat(users.findByGenerator(1)).isEqualTo(inUsers("findByGenerator[1]"));
    assertThatThrownBy(() -> users.findByUnknownGenerator(1))
        .isInstanceOf(NoSuchBeanDefinitionException.class);
  }

  @Test
  void aMethodMayHaveAnotherManager() {
    assertThat(users.findInOther("Tom")).isEqualTo(users.findInOther("Tom"));
    assertThat(context.getBean("otherManager", CacheManager.class).getCache("users").get("Tom"))
        .isNotNull();
    assertThat(inUsers("Tom")).isEqualTo("nothing");
    assertThatThrownBy(() -> users.findInUnknown(1))
        .isInstanceOf(NoSuchBeanDefinitionException.class);
  }

  @Test
  void whatAMethodThrowsIsThrownAndNotKept() {
    for (int i = 1; i <= 2; i++) {
      assertThatThrownBy(() -> users.fail("Tom"))
          .isInstanceOf(IOException.class)
          .hasMessage("checked Tom");
      assertThatThrownBy(() -> users.failOnce("Tom"))
          .isInstanceOf(IOException.class)
          .hasMessage("checked Tom");
      assertThat(users.calls()).isEqualTo(2 * i);
    }
    assertThatThrownBy(() -> users.failUnchecked(1L))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("unchecked 1");
    assertThatThrownBy(() -> users.failUncheckedOnce(1L))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("unchecked 1");
  }

  private void assertEvicted(String key, Runnable evict) {
    cache("users").putIfAbsent(key, -1L);
    assertThat(users.find(key)).isEqualTo(-1L);
    try {
      evict.run();
    } catch (UnsupportedOperationException ofTheMethod) {
      assertThat(ofTheMethod).hasMessage("evicted");
    }
    assertThat(inUsers(key)).isEqualTo("nothing");
    assertThat(users.find(key)).isPositive();
    assertThat(inUsers(key)).isEqualTo(users.calls());
  }

  @Test
  void evictsRemove() {
    assertEvicted("a", () -> users.evict("a", null));
    assertEvicted("b", () -> users.evictEarlyAndFail("b"));
    assertEvicted("c", users::evictAll);
    assertEvicted("d", users::evictAllEarlyAndFail);
    assertThat(inUsers("a")).isEqualTo("nothing");
  }

  @Test
  void aMethodThatFailsDoesNotEvict() {
    Long first = users.find("Tom");
    assertThatThrownBy(() -> users.evictAndFail("Tom"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(users.find("Tom")).isEqualTo(first);
  }

  @Test
  void putsReplace() {
    assertThat(inUsers("Tom")).isEqualTo("nothing");
    for (int i = 0; i < 3; i++) {
      Long put = users.put("Tom");
      assertThat(inUsers("Tom")).isEqualTo(put);
      assertThat(users.find("Tom")).isEqualTo(put);
    }
    assertThat(inUsers(7L)).isEqualTo("nothing");
    assertThat(users.putByResult("Tom")).isEqualTo(inUsers(7L));
    assertThat(users.putByResult("Sam")).isEqualTo(inUsers(7L));
  }

  @Test
  void aMethodMayHaveSeveralCaches() {
    Long first = users.findInBoth("Tom");
    assertThat(users.findInBoth("Tom")).isEqualTo(first);
    assertThat(cache("first").get("Tom").get()).isEqualTo(first);
    assertThat(cache("second").get("Tom").get()).isEqualTo(first);
    cache("first").put("TomA", 1L);

    users.evictInBoth("Tom");

    assertThat(cache("first").get("Tom")).isNull();
    assertThat(cache("first").get("TomA")).isNull();
    assertThat(cache("second").get("Tom")).isNull();
    Long put = users.putInBoth("Tom");
    assertThat(cache("first").get("Tom").get()).isEqualTo(put);
    assertThat(cache("second").get("Tom").get()).isEqualTo(put);
  }

  @Test
  void aMethodMayCacheAndEvict() {
    cache("second").put(1, 1);
    assertThat(users.findAndEvict(1)).isNotEqualTo(users.findAndEvict(1));
    assertThat(cache("first").get(1)).isNull();
    assertThat(cache("second").get(1)).isNull();
    cache("second").put(3, 3);
    assertThat(users.findAndEvict(3)).isEqualTo(users.findAndEvict(3));
    assertThat(cache("first").get(3)).isNotNull();
    assertThat(cache("second").get(3)).isNull();
  }

  @Test
  void annotationsOfSuperclassesAndInterfacesCount() {
    AnnotatedUsers.Derived derived = context.getBean(AnnotatedUsers.Derived.class);
    assertCached(derived::find);
    Object before = derived.find("Tom");
    derived.evict("Tom");
    assertThat(derived.find("Tom")).isNotEqualTo(before);
    derived.evict("Tom");
    assertThat(derived.findOnce("Tom")).isEqualTo(derived.findOnce("Tom"));
    AnnotatedUsers.Described described = context.getBean(AnnotatedUsers.Described.class);
    assertThat(described.find("of an interface")).isEqualTo(described.find("of an interface"));
  }
}
