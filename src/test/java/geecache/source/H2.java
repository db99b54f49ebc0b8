package geecache.source;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.h2.jdbcx.JdbcDataSource;

/** A database in memory, which exists until it is closed. */
final class H2 implements AutoCloseable {
  final String url =
      "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1;DATABASE_TO_LOWER=true";
  final JdbcDataSource source = new JdbcDataSource();

  H2(String... statements) throws SQLException {
    source.setURL(url);
    execute(statements);
  }

  void execute(String... statements) throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  @Override
  public void close() throws SQLException {
    execute("shutdown");
  }
}
