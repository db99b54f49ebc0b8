package geecache.spring;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Tells the Actuator of Spring Boot 4 how the node is. */
final class Boot4Health implements HealthIndicator {
  private final NodeHealth node;

  Boot4Health(NodeHealth node) {
    this.node = node;
  }

  @Override
  public Health health() {
    Health.Builder health = node.isReady() ? Health.up() : Health.outOfService();
    return health.withDetails(node.details()).build();
  }
}
