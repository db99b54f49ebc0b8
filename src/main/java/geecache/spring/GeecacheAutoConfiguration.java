package geecache.spring;

import geecache.Geecache;
import geecache.Ticker;
import geecache.codec.Codec;
import geecache.http.HTTPPool;
import geecache.settings.Settings;
import geecache.web.ConfiguredNode;
import jakarta.servlet.Servlet;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.web.servlet.ServletContextInitializer;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CachingConfigurer;
import org.springframework.cache.interceptor.CacheAspectSupport;
import org.springframework.cache.interceptor.CacheErrorHandler;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;
import org.springframework.transaction.ConfigurableTransactionManager;

/**
 * Makes a node and its caches part of an application of Spring Boot 3.5 or 4: the node by the
 * {@code geecache.*} properties of its environment, the servlets that peers ask, the {@link
 * GeecacheCacheManager}, and what it has to know of transactions. A bean of the application's own
 * takes the place of each. With {@code geecache.enabled=false} there is none.
 */
@AutoConfiguration(
    beforeName = {
      "org.springframework.boot.autoconfigure.cache.CacheAutoConfiguration",
      "org.springframework.boot.cache.autoconfigure.CacheAutoConfiguration"
    })
public final class GeecacheAutoConfiguration {
  private static final Logger log = LoggerFactory.getLogger(GeecacheAutoConfiguration.class);

  /** For Spring. */
  GeecacheAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  Settings geecacheSettings(Environment environment) {
    Settings settings = EnvironmentSettings.read(environment);
    for (String warning : settings.warnings()) {
      log.warn("{}", warning);
    }
    return settings;
  }

  /** The node of settings, unless the application makes one in code. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnProperty(name = "geecache.enabled", havingValue = "true", matchIfMissing = true)
  @ConditionalOnMissingBean(Geecache.class)
  static final class Node {
    @Bean(destroyMethod = "close")
    ConfiguredNode geecacheNode(Settings settings, Environment environment, BeanFactory beans) {
      for (String missed : LeastVersions.missed()) {
        log.warn("{}", missed);
      }
      @Nullable ClassLoader loader =
          beans instanceof ConfigurableListableBeanFactory known
              ? known.getBeanClassLoader()
              : null;
      ConfiguredNode.Application application =
          new ConfiguredNode.Application(
              environment.getProperty("server.servlet.context-path", ""),
              HTTPPool.DEFAULT_BASE_PATH,
              loader,
              true);
      try {
        return ConfiguredNode.start(new Geecache(), settings, application);
      } catch (IllegalArgumentException wrong) {
        throw new StartFailure(
            String.valueOf(wrong.getMessage()),
            "Correct these properties. With geecache.enabled=false there is no node",
            wrong);
      }
    }

    /** Ends with {@link #geecacheNode}. */
    @Bean(destroyMethod = "")
    Geecache geecache(ConfiguredNode node) {
      return node.node();
    }

    @Bean
    @Lazy(false)
    NodeLife geecacheLife(ConfiguredNode node) {
      return new NodeLife(node);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
  @ConditionalOnClass({Servlet.class, ServletContextInitializer.class})
  static final class Served {
    @Bean
    NodeServlets geecacheServlets(Settings settings, ObjectProvider<ConfiguredNode> node) {
      return new NodeServlets(settings, node);
    }
  }

  /** What transactions tell. Without transactions on the class path there are none. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(ConfigurableTransactionManager.class)
  static final class Transacted {
    @Bean
    static SpringTransactions geecacheTransactions() {
      return new SpringTransactions(Ticker.system());
    }

    @Bean
    static BeanPostProcessor geecacheTransactionListener(
        ObjectProvider<SpringTransactions> transactions) {
      return new BeanPostProcessor() {
        @Override
        public Object postProcessAfterInitialization(Object bean, String name) {
          if (bean instanceof ConfigurableTransactionManager manager) {
            transactions.ifAvailable(manager::addListener);
          }
          return bean;
        }
      };
    }
  }

  /** Groups that beans describe, whatever the application's caches are, and caches by name. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnProperty(name = "geecache.enabled", havingValue = "true", matchIfMissing = true)
  static final class Names {
    @Bean
    @Lazy(false)
    CacheNames geecacheCacheNames(
        ConfigurableListableBeanFactory beans,
        ObjectProvider<CacheManager> managers,
        Environment environment) {
      List<String> named =
          Binder.get(environment)
              .bind("spring.cache.cache-names", Bindable.listOf(String.class))
              .orElse(List.of());
      return new CacheNames(beans, managers, named);
    }
  }

  /** Unless nothing is cached, or {@code spring.cache.type} chooses another cache. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnProperty(name = "geecache.enabled", havingValue = "true", matchIfMissing = true)
  @ConditionalOnProperty(
      name = "spring.cache.type",
      havingValue = "geecache",
      matchIfMissing = true)
  @ConditionalOnBean(CacheAspectSupport.class)
  static final class Caches {
    @Bean
    @ConditionalOnMissingBean(CacheManager.class)
    GeecacheCacheManager cacheManager(
        Geecache node,
        Settings settings,
        ObjectProvider<ConfiguredNode> configured,
        ObjectProvider<Transactions> transactions,
        ConfigurableListableBeanFactory beans) {
      GeecacheCacheManager.Builder builder =
          GeecacheCacheManager.builder(node, packages(settings, beans))
              .transactionAware(settings.find(SpringSettingTable.TRANSACTION_AWARE).orElse(true))
              .errorHandler(() -> errorHandler(beans));
      transactions.ifAvailable(builder::transactions);
      ConfiguredNode described = configured.getIfAvailable();
      if (described != null) {
        builder.groups(described::group);
      } else if (!settings.toString().isEmpty()) {
        log.warn(
            "the application has a Geecache of its own, which reads no settings: {}", settings);
      }
      beans.getBeanProvider(KeyText.class).orderedStream().forEach(builder::keys);
      beans
          .<Codec<Object>>getBeanProvider(
              ResolvableType.forClassWithGenerics(Codec.class, Object.class))
          .ifAvailable(builder::values);
      return builder.build();
    }

    private static List<String> packages(Settings settings, BeanFactory beans) {
      List<String> packages =
          new ArrayList<>(settings.find(SpringSettingTable.PACKAGES).orElse(List.of()));
      if (AutoConfigurationPackages.has(beans)) {
        packages.addAll(AutoConfigurationPackages.get(beans));
      }
      return packages;
    }

    private static @Nullable CacheErrorHandler errorHandler(BeanFactory beans) {
      CacheErrorHandler own = beans.getBeanProvider(CacheErrorHandler.class).getIfUnique();
      CachingConfigurer configurer = beans.getBeanProvider(CachingConfigurer.class).getIfUnique();
      return own == null && configurer != null ? configurer.errorHandler() : own;
    }
  }
}
