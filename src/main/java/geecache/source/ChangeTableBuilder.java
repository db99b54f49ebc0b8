package geecache.source;

import geecache.Geecache;
import geecache.Ticker;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;

/**
 * Builds and starts a {@link ChangeTable}. Made by {@link ChangeTable#builder}. {@link #groups} is
 * required; all other options have defaults. For one thread.
 */
public final class ChangeTableBuilder {
  /** What a name of a table may be: letters, digits and {@code _}, with a schema before a dot. */
  public static final String NAME = "[A-Za-z_][A-Za-z0-9_]{0,62}(\\.[A-Za-z_][A-Za-z0-9_]{0,62})?";

  /** How long a read may get no bytes; after that the connection has failed. */
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);

  private final Database database;
  final Set<String> groups = new LinkedHashSet<>();
  String table = "geecache_changes";
  Duration every = Duration.ofMillis(500);

  ChangeTableBuilder(Database database) {
    this.database = database;
  }

  /**
   * Setting {@code groups}, names separated by commas, required: the groups whose rows are read.
   * They need not be registered yet; until then their rows stay.
   */
  public ChangeTableBuilder groups(Collection<String> names) {
    groups.addAll(names);
    return this;
  }

  /**
   * Setting {@code table}, {@code geecache_changes} by default: the name of the table, with or
   * without a schema. Clusters that share a database need a table each.
   */
  public ChangeTableBuilder table(String name) {
    if (!name.matches(NAME)) {
      throw new IllegalArgumentException(
          "table must be letters, digits and _, with or without a schema: " + name);
    }
    this.table = name;
    return this;
  }

  /**
   * Setting {@code every}, a duration of at least 50 ms, 500 ms by default: the pause between two
   * looks at the table of the node that reads it. The others look a tenth as often.
   */
  public ChangeTableBuilder every(Duration pause) {
    if (pause.toMillis() < 50) {
      throw new IllegalArgumentException("every must be at least 50 ms: " + pause);
    }
    this.every = pause;
    return this;
  }

  /**
   * Begins to read for the groups of {@code node}, on a thread of its own. Succeeds even if the
   * database is down; the thread keeps trying.
   *
   * @throws IllegalArgumentException if no group is named, or the driver does not accept the URL
   * @throws IllegalStateException if the {@code DataSource} or the driver is missing; the message
   *     says what to add
   */
  public ChangeTable start(Geecache node) {
    Objects.requireNonNull(node);
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("groups is required");
    }
    ChangeTable made =
        new ChangeTable(
            node, database.openUnpooled(READ_TIMEOUT), database.shown(), this, Ticker.system());
    made.start();
    return made;
  }
}
