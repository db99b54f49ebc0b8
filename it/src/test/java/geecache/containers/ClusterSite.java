package geecache.containers;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A cluster under test: one web application of this context path in each of its containers. */
enum ClusterSite {
  /** Nodes that ask for many keys at once, and answer anybody's reads. */
  BATCH("/batch", Map.of("geecache.secret", Site.SECRET, "geecache.public-reads", "true")),
  /** Nodes that ask for one key at a time, and answer who shows the secret. */
  GET("/get", Map.of("geecache.secret", Site.SECRET, "geecache.peer-requests", "get")),
  /** Nodes without a secret, where nothing can be changed. */
  OPEN("/open", Map.of());

  /** Of those who show the secret. */
  static final Map<String, String> CREDENTIALS = Map.of("Authorization", "Bearer " + Site.SECRET);

  /** No pause of a busy machine is to be taken for a peer's failure. */
  private static final String PATIENCE = "10s";

  private final String contextPath;
  private final Map<String, String> settings;

  ClusterSite(String contextPath, Map<String, String> settings) {
    this.contextPath = contextPath;
    this.settings = settings;
  }

  String contextPath() {
    return contextPath;
  }

  /** Returns the settings of the node at {@code self}. */
  Map<String, String> settings(String self, List<String> peers) {
    Map<String, String> all = new LinkedHashMap<>(settings);
    all.put("geecache.self", self);
    all.put("geecache.peers", String.join(",", peers));
    all.put("geecache.peer-timeout", PATIENCE);
    return all;
  }

  /** Returns the headers without which it answers no read. */
  Map<String, String> readCredentials() {
    return this == GET ? CREDENTIALS : Map.of();
  }
}
