package geecache.source;

import geecache.Geecache;
import geecache.Ticker;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.slf4j.LoggerFactory;

/**
 * Builds and starts a {@link PostgresInvalidation}. Made by {@link PostgresInvalidation#builder}.
 * {@link #groups} is required; all other options have defaults. For one thread.
 */
public final class PostgresInvalidationBuilder {
  private final Database database;
  final Set<String> groups = new LinkedHashSet<>();
  final Map<String, Duration> ttlsWhileDeaf = new HashMap<>();
  String channel = "geecache";
  String cluster = "";
  Duration heartbeat = Duration.ofSeconds(5);
  Duration longestDelay = Duration.ofSeconds(30);

  PostgresInvalidationBuilder(Database database) {
    require(
        "org.postgresql.PGConnection", "org.postgresql:postgresql where the application sees it");
    require("tools.jackson.core.JsonParser", "tools.jackson.core:jackson-core to the application");
    if (!database.mayBe(KnownDriver.POSTGRESQL)) {
      throw new IllegalArgumentException("only a url of PostgreSQL can be listened to");
    }
    this.database = database;
  }

  /**
   * Setting {@code groups}, names separated by commas, required: the groups that notifications may
   * name, and that are cleared when some notifications may have been missed. They need not be
   * registered yet.
   */
  public PostgresInvalidationBuilder groups(Collection<String> names) {
    groups.addAll(names);
    return this;
  }

  /**
   * Setting {@code channel}, {@code geecache} by default: 1 to 63 letters, digits and {@code _},
   * not beginning with a digit. Upper and lower case differ.
   */
  public PostgresInvalidationBuilder channel(String name) {
    if (!name.matches("[A-Za-z_][A-Za-z0-9_]{0,62}")) {
      throw new IllegalArgumentException(
          "channel must be 1 to 63 letters, digits and _, and no digit first: " + name);
    }
    this.channel = name;
    return this;
  }

  /**
   * Setting {@code cluster}, text, empty by default: a name for the cluster, the same on all its
   * nodes. Clusters that listen on the same channel of the same database need different names.
   */
  public PostgresInvalidationBuilder cluster(String name) {
    this.cluster = Objects.requireNonNull(name);
    return this;
  }

  /**
   * Setting {@code heartbeat}, a duration from 100 ms to 15 s, 5 s by default: how often the
   * database is asked whether it is alive, and how long it may take to answer. The same on all
   * nodes: a node ends the session of a speaker that is silent for five heartbeats.
   */
  public PostgresInvalidationBuilder heartbeat(Duration every) {
    if (every.toMillis() < 100 || every.compareTo(Duration.ofSeconds(15)) > 0) {
      throw new IllegalArgumentException("heartbeat must be from 100 ms to 15 s: " + every);
    }
    this.heartbeat = every;
    return this;
  }

  /**
   * Setting {@code reconnect-delay}, a duration of at least 250 ms, 30 s by default: the longest
   * pause between two attempts to connect. The first pause is 250 ms, and each is twice as long as
   * the one before, less a random part.
   */
  public PostgresInvalidationBuilder reconnectDelay(Duration longest) {
    if (longest.toMillis() < 250) {
      throw new IllegalArgumentException("reconnect-delay must be at least 250 ms: " + longest);
    }
    this.longestDelay = longest;
    return this;
  }

  /**
   * Setting {@code ttl-while-deaf} of a group, a duration of at least 100 ms, none by default: how
   * old its values in this node's memory may get while the node does not listen. It then drops them
   * all as often as this says.
   */
  public PostgresInvalidationBuilder ttlWhileDeaf(String group, Duration bound) {
    if (bound.toMillis() < 100) {
      throw new IllegalArgumentException("ttl-while-deaf must be at least 100 ms: " + bound);
    }
    ttlsWhileDeaf.put(group, bound);
    return this;
  }

  /**
   * Begins to listen for the groups of {@code node}, on a thread of its own. Succeeds even if the
   * database is down; the thread keeps trying to connect.
   *
   * @throws IllegalArgumentException if no group is named, or the driver does not accept the URL
   * @throws IllegalStateException if the {@code DataSource} or the driver is missing; the message
   *     says what to add
   */
  public PostgresInvalidation start(Geecache node) {
    Objects.requireNonNull(node);
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("groups is required");
    }
    PostgresInvalidation invalidation =
        new PostgresInvalidation(
            node,
            database.openUnpooled(heartbeat),
            this,
            new ListeningReport(
                LoggerFactory.getLogger(PostgresInvalidation.class),
                database.shown(),
                groups,
                Ticker.system()),
            Ticker.system());
    invalidation.start();
    return invalidation;
  }

  private static void require(String className, String remedy) {
    try {
      Class.forName(className, false, PostgresInvalidationBuilder.class.getClassLoader());
    } catch (ClassNotFoundException absent) {
      throw new IllegalStateException(
          "invalidation by PostgreSQL needs the class " + className + ": add " + remedy, absent);
    }
  }
}
