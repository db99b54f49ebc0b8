package geecache.source;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** A table of changes in PostgreSQL. */
@Tag("postgres")
class PostgresChangeTableIT extends ChangeTableContract {
  private static Postgres database;

  @BeforeAll
  static void startServer() throws Exception {
    database = new Postgres();
  }

  @AfterAll
  static void stopServer() throws Exception {
    database.close();
  }

  @Override
  String url() {
    return database.url();
  }

  @Override
  String product() {
    return "PostgreSQL";
  }

  @Override
  String[] otherLeftOvers() {
    return new String[] {"drop function if exists geecache_note"};
  }

  @Override
  void stopDatabase() {
    database.kill();
  }

  @Override
  void startDatabase() throws Exception {
    database.start();
  }
}
