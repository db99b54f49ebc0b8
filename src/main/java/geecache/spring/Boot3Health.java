package geecache.spring;

import java.util.List;
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
    List<String> lacking = node.lacking();
    Health.Builder health = lacking.isEmpty() ? Health.up() : Health.outOfService();
    health.withDetails(node.details());
    if (!lacking.isEmpty()) {
      health.withDetail("lacking", lacking);
    }
    return health.build();
  }
}
