package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.testing.Response;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Three nodes are deployed anew, one after the other, with a query that has one more column. */
@Timeout(300)
class RaisedVersionTest {
  private static final int KEYS = 20;
  private static final String GROUP = "geecache.groups.users.";

  private final String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";

  @Test
  void noRowWithoutTheNewColumnComesFromANewNode() throws Exception {
    try (Connection database = DriverManager.getConnection(url);
        Statement statement = database.createStatement()) {
      statement.execute("create table users (id varchar primary key, name varchar, mail varchar)");
      for (int i = 0; i < KEYS; i++) {
        statement.execute("insert into users values ('%d', 'name%d', 'mail%d')".formatted(i, i, i));
      }
      try (TestCluster cluster = cluster()) {
        cluster.awaitContact();
        assertRows(cluster, 0);
        for (int i = 0; i < 3; i++) {
          TestNode node = cluster.node(i);
          node.stop();
          node.setting(GROUP + "query", "select name, mail from users where id = ?");
          node.setting(GROUP + "version", "2");
          node.restart();
          assertRows(cluster, i + 1); // At once, and once all nodes have met.
          cluster.awaitContact();
          assertRows(cluster, i + 1);
        }
      }
    }
  }

  private TestCluster cluster() {
    return TestCluster.builder()
        .nodes(3)
        .secret("a-secret-for-these-tests")
        .setting(GROUP + "source", "jdbc")
        .setting(GROUP + "url", url)
        .setting(GROUP + "result", "row")
        .setting(GROUP + "query", "select name from users where id = ?")
        .start();
  }

  /** The first few nodes have the new query. */
  private static void assertRows(TestCluster cluster, int young) throws Exception {
    for (TestNode node : cluster.nodes()) {
      for (int i = 0; i < KEYS; i++) {
        Response row =
            node.request(
                "GET",
                "/_geecache/users/" + i,
                Map.of("Authorization", "Bearer a-secret-for-these-tests"),
                new byte[0]);
        assertThat(row.status()).isEqualTo(200);
        String name = "{\"NAME\":\"name" + i + "\"";
        String expected = node.index() < young ? name + ",\"MAIL\":\"mail" + i + "\"}" : name + "}";
        assertThat(row.text()).isEqualToIgnoringCase(expected);
      }
    }
  }
}
