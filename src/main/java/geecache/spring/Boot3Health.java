package geecache.spring;

import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;

/** Tells the Actuator of Spring Boot 3 how the node is. */
final class Boot3Health implements HealthIndicator {
  private final NodeHealth node;

  Boot3Health(NodeHealth node) {
    this.node = node;
  }

  @Override
  public Health health() {
    Health.Builder health = node.isReady() ? Health.up() : Health.outOfService();
    return health.withDetails(node.details()).build();
  }
}
