package geecache.source;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** A table of changes in MariaDB. */
@Tag("field")
class MariaDbChangeTableIT extends ChangeTableContract {
  private static MariaDb database;

  @BeforeAll
  static void startServer() throws Exception {
    database = new MariaDb();
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
    return "MariaDB";
  }

  @Override
  String[] otherLeftOvers() {
    return new String[] {};
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
