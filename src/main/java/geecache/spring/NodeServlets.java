package geecache.spring;

import geecache.settings.Settings;
import geecache.web.ConfiguredNode;
import geecache.web.HTTPPoolServlet;
import geecache.web.HealthServlet;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.web.servlet.ServletContextInitializer;

/**
 * Has the servlet container serve the node of the application, as the fragment of the jar does in a
 * container that reads fragments. There, that fragment's servlets and listener find this node, and
 * make no other.
 */
final class NodeServlets implements ServletContextInitializer {
  private final Settings settings;
  private final ObjectProvider<ConfiguredNode> nodes;

  NodeServlets(Settings settings, ObjectProvider<ConfiguredNode> nodes) {
    this.settings = settings;
    this.nodes = nodes;
  }

  @Override
  public void onStartup(ServletContext context) {
    ConfiguredNode.useIn(context, settings);
    ConfiguredNode node = nodes.getIfAvailable();
    if (node == null) {
      return;
    }
    node.serveIn(context);
    add(
        context,
        "geecache",
        new HTTPPoolServlet(),
        "/_geecache/*",
        "/_cluster/*",
        "/_groupcache/*");
    add(context, "geecache-health", new HealthServlet(), "/_health/live", "/_health/ready");
  }

  private static void add(
      ServletContext context, String name, Servlet servlet, String... mappings) {
    boolean known =
        context.getServletRegistrations().values().stream()
            .anyMatch(each -> servlet.getClass().getName().equals(each.getClassName()));
    if (!known) {
      ServletRegistration.Dynamic added = context.addServlet(name, servlet);
      added.setAsyncSupported(true);
      added.addMapping(mappings);
    }
  }
}
