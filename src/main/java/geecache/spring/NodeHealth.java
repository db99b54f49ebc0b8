package geecache.spring;

import geecache.web.ConfiguredNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What health checks tell of a node, for the Actuator of either Spring Boot. */
final class NodeHealth {
  private final ConfiguredNode node;

  NodeHealth(ConfiguredNode node) {
    this.node = node;
  }

  /** Whether the node lacks nothing. */
  boolean isReady() {
    return node.lacking().isEmpty();
  }

  /** Returns the nodes, and a line for each thing that the node lacks to be ready. */
  Map<String, Object> details() {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("nodes", node.pool().nodes());
    details.put("inContact", node.pool().inContact());
    List<String> lacking = node.lacking();
    if (!lacking.isEmpty()) {
      details.put("lacking", lacking);
    }
    return details;
  }
}
