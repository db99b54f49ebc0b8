package geecache.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Geecache;
import geecache.Group;
import geecache.LogCapture;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

class AfterCommitTest {
  private final List<String> done = new ArrayList<>();
  private final List<Synchronization> registered = new ArrayList<>();
  private int status = Status.STATUS_ACTIVE;

  /** The reason for this class: a get before the commit brings the old row back. */
  @Test
  void aRowThatIsReadBeforeTheCommitIsNotKept() throws Exception {
    try (H2 database =
            new H2(
                "create table users (id int, name varchar(9))",
                "insert into users values (7, 'old')");
        Geecache node = new Geecache();
        Connection connection = database.source.getConnection();
        Statement statement = connection.createStatement()) {
      Group users =
          node.newGroup(
              "users",
              0,
              JdbcGetter.builder(Database.of(database.source))
                  .query("select name from users where id = ?")
                  .build());
      connection.setAutoCommit(false);
      AfterCommit afterCommit = new AfterCommit();
      statement.execute("update users set name = 'new' where id = 7");
      afterCommit.add(() -> users.remove("7"));
      assertThat(users.get("7")).hasToString("old");

      afterCommit.commit(connection);

      assertThat(users.get("7")).hasToString("new");
    }
  }

  @Test
  void actionsRunInOrderAndOnceEvenIfOneFails() throws Exception {
    AfterCommit afterCommit = new AfterCommit();
    Connection connection = connection(false);
    try (LogCapture log = new LogCapture(AfterCommit.class, Level.WARNING)) {
      afterCommit.add(() -> done.add("first"));
      afterCommit.add(
          () -> {
            throw new java.io.IOException("as told");
          });
      afterCommit.add(() -> done.add("last"));
      afterCommit.commit(connection);
      afterCommit.commit(connection);
      assertThat(log.messages())
          .containsExactly("WARNING after a commit: java.io.IOException: as told");
    }
    assertThat(done).containsExactly("commit", "first", "last", "commit");
  }

  @Test
  void nothingRunsAfterACommitThatFailed() throws Exception {
    AfterCommit afterCommit = new AfterCommit();
    afterCommit.add(() -> done.add("action"));
    assertThatThrownBy(() -> afterCommit.commit(connection(true))).isInstanceOf(SQLException.class);
    afterCommit.commit(connection(false));
    assertThat(done).containsExactly("commit");
  }

  private Connection connection(boolean fails) {
    return ScriptedPostgres.proxy(
        Connection.class,
        (method, arguments) -> {
          if (fails) {
            throw new SQLException("as told");
          }
          done.add(method);
          return null;
        });
  }

  private JtaAfterCommit jta() {
    return new JtaAfterCommit(
        ScriptedPostgres.proxy(
            TransactionSynchronizationRegistry.class,
            (method, arguments) -> {
              if (method.equals("getTransactionStatus")) {
                return status;
              }
              registered.add((Synchronization) arguments[0]);
              return null;
            }));
  }

  @Test
  void inJtaAnActionRunsOnceTheTransactionIsCommittedAndNotIfItIsRolledBack() {
    jta().add(() -> done.add("committed"));
    jta().add(() -> done.add("rolled back"));
    registered.forEach(Synchronization::beforeCompletion);
    assertThat(done).isEmpty();
    registered.get(0).afterCompletion(Status.STATUS_COMMITTED);
    registered.get(1).afterCompletion(Status.STATUS_ROLLEDBACK);
    assertThat(done).containsExactly("committed");
  }

  @Test
  void inJtaAnActionRunsAtOnceIfThereIsNoTransaction() {
    status = Status.STATUS_NO_TRANSACTION;
    jta().add(() -> done.add("at once"));
    assertThat(done).containsExactly("at once");
    assertThat(registered).isEmpty();
  }

  @Test
  void aContainerWithoutJtaIsNamed() {
    assertThatThrownBy(JtaAfterCommit::ofContainer)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("java:comp/TransactionSynchronizationRegistry");
  }
}
