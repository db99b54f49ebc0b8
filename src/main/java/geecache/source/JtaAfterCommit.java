package geecache.source;

import geecache.source.AfterCommit.Action;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.util.Objects;
import javax.naming.InitialContext;
import javax.naming.NamingException;

/**
 * Does what belongs after the commit of a JTA transaction, as {@link AfterCommit} does over plain
 * JDBC. Needs a container that has JTA, such as WildFly, Open Liberty or Payara.
 *
 * <pre>{@code
 * JtaAfterCommit afterCommit = JtaAfterCommit.ofContainer();
 * afterCommit.add(() -> users.remove("7")); // In the transaction that changes the row.
 * }</pre>
 *
 * <p>Safe for use by many threads, if the registry is; a container's is.
 */
public final class JtaAfterCommit {
  private final TransactionSynchronizationRegistry registry;

  /** Uses {@code registry}, which may have been injected. */
  public JtaAfterCommit(TransactionSynchronizationRegistry registry) {
    this.registry = Objects.requireNonNull(registry);
  }

  /**
   * Uses the registry of the container.
   *
   * @throws IllegalStateException if the container has none
   */
  public static JtaAfterCommit ofContainer() {
    String name = "java:comp/TransactionSynchronizationRegistry";
    try {
      return new JtaAfterCommit(
          (TransactionSynchronizationRegistry) new InitialContext().lookup(name));
    } catch (NamingException absent) {
      throw new IllegalStateException("this container has no " + name, absent);
    }
  }

  /**
   * Runs {@code action} once the transaction of this thread is committed, on the thread that
   * commits it; at once if there is no transaction. If the transaction is rolled back, the action
   * never runs.
   *
   * @throws IllegalStateException if the container refuses, since the transaction can only be
   *     rolled back
   */
  public void add(Action action) {
    Objects.requireNonNull(action);
    if (registry.getTransactionStatus() == Status.STATUS_NO_TRANSACTION) {
      AfterCommit.run(action);
      return;
    }
    registry.registerInterposedSynchronization(
        new Synchronization() {
          @Override
          public void beforeCompletion() {}

          @Override
          public void afterCompletion(int status) {
            if (status == Status.STATUS_COMMITTED) {
              AfterCommit.run(action);
            }
          }
        });
  }
}
