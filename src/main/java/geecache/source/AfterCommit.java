package geecache.source;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what belongs after the commit of a transaction over plain JDBC: above all the removal of
 * keys whose rows it has changed. If a key is removed earlier, somebody may read the old row before
 * the commit, and the group keeps it.
 *
 * <pre>{@code
 * AfterCommit afterCommit = new AfterCommit();
 * afterCommit.add(() -> users.remove("7"));
 * afterCommit.commit(connection);
 * }</pre>
 *
 * <p>{@link JtaAfterCommit} does the same in a container's transaction. For one thread, and one
 * transaction at a time.
 */
public final class AfterCommit {
  private static final Logger log = LoggerFactory.getLogger(AfterCommit.class);

  /** What is done after a commit. */
  @FunctionalInterface
  public interface Action {
    /**
     * Acts; the transaction is over.
     *
     * @throws Exception which is logged: nothing can undo the commit
     */
    void run() throws Exception;
  }

  private final List<Action> actions = new ArrayList<>();

  /** Waits for a commit, with nothing to do then. */
  public AfterCommit() {}

  /** Keeps {@code action} until {@link #commit}; actions run in the order in which they came. */
  public void add(Action action) {
    actions.add(Objects.requireNonNull(action));
  }

  /**
   * Commits, and then runs all actions on this thread, even if some of them fail. Forgets them in
   * any case.
   *
   * @throws SQLException if the commit failed. Then no action has run. If the connection was lost,
   *     the database may have committed all the same
   */
  public void commit(Connection connection) throws SQLException {
    List<Action> due = List.copyOf(actions);
    actions.clear();
    connection.commit();
    due.forEach(AfterCommit::run);
  }

  /** Runs one action after its commit. */
  static void run(Action action) {
    try {
      action.run();
    } catch (Exception failure) {
      if (failure instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      log.warn("after a commit: {}", failure.toString());
    }
  }
}
