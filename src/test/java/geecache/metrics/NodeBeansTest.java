package geecache.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.Geecache;
import geecache.Group;
import geecache.testing.TestCluster;
import geecache.testing.TestNode;
import java.lang.management.ManagementFactory;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NodeBeansTest {
  private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

  private Set<String> names() throws Exception {
    return server.queryNames(new ObjectName("geecache:*"), null).stream()
        .map(ObjectName::toString)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Object read(String bean, String attribute) throws Exception {
    return server.getAttribute(new ObjectName(bean), attribute);
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    assertThat(names()).isEmpty();
  }

  @Test
  void showTheNodeAndItsGroups() throws Exception {
    try (Geecache node = new Geecache()) {
      NodeBeans.register(node, "/shop");
      Group group = node.newGroup("users", 1 << 20, key -> key.getBytes(UTF_8));
      group.get("7");
      group.get("7");
      group.get("7");

      assertThat(names())
          .containsExactly(
              "geecache:type=Group,context=/shop,name=users", "geecache:type=Node,context=/shop");
      String users = "geecache:type=Group,context=/shop,name=users";
      assertThat(read(users, "Gets")).isEqualTo(3L);
      assertThat(read(users, "Hits")).isEqualTo(2L);
      assertThat(read(users, "HitRatio")).isEqualTo(2 / 3.0);
      assertThat(read(users, "Loads")).isEqualTo(1L);
      assertThat(read(users, "Entries")).isEqualTo(1L);
      assertThat(read(users, "MaxBytes")).isEqualTo(1L << 20);
      assertThat(read("geecache:type=Node,context=/shop", "Groups"))
          .isEqualTo(new String[] {"users"});
    }
  }

  @Test
  void ofTheRootAndOfOddContextPathsHaveNames() throws Exception {
    try (Geecache root = new Geecache();
        Geecache odd = new Geecache()) {
      NodeBeans.register(root, "");
      NodeBeans.register(odd, "/a,b=*");
      assertThat(names())
          .containsExactly(
              "geecache:type=Node,context=\"/a,b=\\*\"", "geecache:type=Node,context=/");
    }
  }

  @Test
  void ofTwoNodesWithOneContextPathDoNotClash() throws Exception {
    Geecache one = new Geecache();
    try (Geecache two = new Geecache()) {
      NodeBeans.register(one, "/shop");
      NodeBeans.register(two, "/shop");
      one.newGroup("users", 1 << 20, key -> key.getBytes(UTF_8));
      two.newGroup("users", 1 << 20, key -> key.getBytes(UTF_8));
      assertThat(names())
          .hasSize(4)
          .contains("geecache:type=Group,context=/shop,name=users,number=2");

      one.close();

      assertThat(names())
          .containsExactly(
              "geecache:type=Group,context=/shop,name=users,number=2",
              "geecache:type=Node,context=/shop,number=2");
    } finally {
      one.close();
    }
  }

  /** As web applications register them. */
  @Test
  void ofWebApplicationsShowTheClusterAndGoWithIt() throws Exception {
    try (TestCluster cluster =
        TestCluster.builder()
            .nodes(2)
            .contextPath("/shop")
            .secret("a-secret-for-these-tests")
            .groups(node -> node.group("users").register(key -> key.getBytes(UTF_8)))
            .start()) {
      cluster.awaitContact();
      assertThat(names()).hasSize(4);
      for (String number : new String[] {"", ",number=2"}) {
        String node = "geecache:type=Node,context=/shop" + number;
        assertThat((String[]) read(node, "Nodes"))
            .containsExactlyInAnyOrderElementsOf(cluster.urls());
        assertThat((String[]) read(node, "NodesInContact")).hasSize(1);
      }
      TestNode second = cluster.node(1);
      second.stop();
      assertThat(names()).hasSize(2);
      second.restart();
      assertThat(names()).hasSize(4);
    }
  }

  @Test
  void areNotThereIfSwitchedOff() throws Exception {
    try (TestCluster cluster = TestCluster.builder().setting("geecache.jmx", "false").start()) {
      assertThat(cluster.node(0).pool().nodes()).isNotEmpty();
      assertThat(names()).isEmpty();
    }
  }
}
