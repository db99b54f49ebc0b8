package geecache.metrics;

import geecache.Cluster;
import geecache.Geecache;
import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.NodeListener;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The beans by which JMX shows a node: one {@link NodeMXBean}, {@code
 * geecache:type=Node,context=/shop}, and one {@link GroupMXBean} for each group, {@code
 * geecache:type=Group,context=/shop,name=users}. If a JVM has several nodes with the same context
 * path, the names of all but the first end with {@code number=2} and so on. The beans leave the
 * server when the node is closed.
 */
public final class NodeBeans {
  private NodeBeans() {}

  /**
   * Registers the beans of {@code node} in the server of the JVM. What the server refuses is
   * logged, and no failure of the node.
   *
   * @param contextPath of the application, such as {@code /shop}
   */
  public static void register(Geecache node, String contextPath) {
    LocalNode local = node.local();
    Beans beans = new Beans(ManagementFactory.getPlatformMBeanServer(), contextPath);
    beans.addNode(local);
    local.listen(beans);
  }

  /** Guarded by itself; the server runs no code of the node under it. */
  private static final class Beans implements NodeListener {
    private static final Logger log = LoggerFactory.getLogger(NodeBeans.class);

    private final MBeanServer server;
    private final String context;

    /** By the part of the name in which the node's beans differ. */
    private final Map<String, ObjectName> registered = new LinkedHashMap<>();

    /** Empty, or what distinguishes this node from others with the same context path. */
    private String number = "";

    private boolean closed;

    Beans(MBeanServer server, String contextPath) {
      this.server = server;
      String path = contextPath.isEmpty() ? "/" : contextPath;
      this.context = path.matches("[\\w/.~-]+") ? path : ObjectName.quote(path);
    }

    synchronized void addNode(LocalNode node) {
      NodeBean bean = new NodeBean(node);
      for (int next = 2; !add("type=Node", "", bean); next++) {
        number = ",number=" + next;
      }
    }

    @Override
    public synchronized void groupAdded(LocalGroup group) {
      String which = ",name=" + group.name();
      if (!closed && !registered.containsKey(which)) {
        add("type=Group", which, new GroupBean(group));
      }
    }

    /** Returns false if the server has a bean of that name. */
    private boolean add(String type, String which, Object bean) {
      try {
        ObjectName name =
            new ObjectName("geecache:" + type + ",context=" + context + which + number);
        server.registerMBean(bean, name);
        registered.put(which, name);
      } catch (InstanceAlreadyExistsException taken) {
        return false;
      } catch (JMException | RuntimeException refused) {
        log.warn("JMX does not show {}{}", type, which, refused);
      }
      return true;
    }

    @Override
    public void clusterJoined(Cluster cluster) {}

    @Override
    public synchronized void nodeClosed() {
      closed = true;
      registered.values().forEach(this::remove);
      registered.clear();
    }

    private void remove(ObjectName name) {
      try {
        server.unregisterMBean(name);
      } catch (InstanceNotFoundException gone) {
        log.debug("{} has left the server before", name);
      } catch (JMException | RuntimeException refused) {
        log.warn("JMX still shows {}", name, refused);
      }
    }
  }
}
