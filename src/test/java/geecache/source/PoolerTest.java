package geecache.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PoolerTest {
  private static final String NOT_PREPARED = "prepareThreshold=0";

  private final ScriptedPostgres database = new ScriptedPostgres();
  private final ConnectionSource connections =
      ConnectionSource.borrowed(database.new Route().dataSource());

  @Test
  void behindAPoolerNoConnectionPreparesStatementsOnTheServer() throws Exception {
    database.pooled = true;
    new ReadOnlySession(connections).close();
    new ReadOnlySession(connections).close();
    assertThat(database.executed)
        .containsExactly("select pg_backend_pid()", NOT_PREPARED, NOT_PREPARED);
  }

  @Test
  void aDatabaseWithoutAPoolerIsLookedAtOnceAndPrepares() throws Exception {
    new ReadOnlySession(connections).close();
    new ReadOnlySession(connections).close();
    assertThat(database.executed).containsExactly("select pg_backend_pid()");
  }
}
