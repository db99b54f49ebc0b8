package geecache.spring;

import geecache.Geecache;
import geecache.metrics.GeecacheMetrics;
import geecache.web.ConfiguredNode;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Tells Micrometer and the Actuator of the node, if they are there. What is here depends on beans
 * of {@link GeecacheAutoConfiguration}, and so comes after it.
 */
@AutoConfiguration(after = GeecacheAutoConfiguration.class)
final class ActuatorAutoConfiguration {
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(MeterBinder.class)
  @ConditionalOnProperty(name = "geecache.metrics", havingValue = "true", matchIfMissing = true)
  @ConditionalOnBean(Geecache.class)
  static final class Meters {
    @Bean
    @ConditionalOnMissingBean
    GeecacheMetrics geecacheMetrics(Geecache node) {
      return new GeecacheMetrics(node);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = "org.springframework.boot.actuate.health.HealthIndicator")
  @ConditionalOnProperty(
      name = "management.health.geecache.enabled",
      havingValue = "true",
      matchIfMissing = true)
  @ConditionalOnBean(ConfiguredNode.class)
  static final class HealthOfBoot3 {
    @Bean
    @ConditionalOnMissingBean(name = "geecacheHealthIndicator")
    Boot3Health geecacheHealthIndicator(ConfiguredNode node) {
      return new Boot3Health(new NodeHealth(node));
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = "org.springframework.boot.health.contributor.HealthIndicator")
  @ConditionalOnProperty(
      name = "management.health.geecache.enabled",
      havingValue = "true",
      matchIfMissing = true)
  @ConditionalOnBean(ConfiguredNode.class)
  static final class HealthOfBoot4 {
    @Bean
    @ConditionalOnMissingBean(name = "geecacheHealthIndicator")
    Boot4Health geecacheHealthIndicator(ConfiguredNode node) {
      return new Boot4Health(new NodeHealth(node));
    }
  }
}
