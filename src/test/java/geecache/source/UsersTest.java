package geecache.source;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.Geecache;
import geecache.source.JdbcGetterBuilder.KeyType;
import geecache.source.JdbcGetterBuilder.Result;
import java.time.Duration;
import javax.naming.Context;
import org.junit.jupiter.api.Test;

/** The README's example of a group that loads from a database. */
class UsersTest {
  @Test
  void aUserIsARowAsJson() throws Exception {
    System.setProperty(
        Context.INITIAL_CONTEXT_FACTORY, JdbcGetterBuilderTest.Names.class.getName());
    try (Geecache node = new Geecache();
        H2 database =
            new H2(
                "create table users (id int, name varchar(9), city varchar(9))",
                "insert into users values (7, 'Tom', 'Basel')")) {
      JdbcGetterBuilderTest.Names.BOUND.put("java:comp/env/jdbc/shop", database.source);
      node.group("users")
          .timeToLive(Duration.ofMinutes(10))
          .register(
              JdbcGetter.builder(Database.jndi("jdbc/shop"))
                  .query("select id, name, city from users where id = ?")
                  .keyType(KeyType.INTEGER)
                  .result(Result.ROW)
                  .build());

      assertThat(node.find("users").orElseThrow().contentType()).isEqualTo("application/json");
      assertThat(node.find("users").orElseThrow().get("7"))
          .hasToString("{\"id\":7,\"name\":\"Tom\",\"city\":\"Basel\"}");
    } finally {
      System.clearProperty(Context.INITIAL_CONTEXT_FACTORY);
      JdbcGetterBuilderTest.Names.BOUND.clear();
    }
  }
}
