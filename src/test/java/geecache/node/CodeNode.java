package geecache.node;

import geecache.Geecache;
import geecache.web.HTTPPoolServlet;
import geecache.web.HealthServlet;
import geecache.web.MetricsServlet;
import java.util.Map;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;

/** An embedded Jetty that serves a node which was made in code. */
public final class CodeNode implements AutoCloseable {
  private final Server jetty = new Server();
  private final ServerConnector connector = new ServerConnector(jetty);

  /** Opens its port, so that its URL is known before the node is made. */
  public CodeNode() throws Exception {
    connector.setHost("127.0.0.1");
    jetty.addConnector(connector);
    connector.open();
  }

  /** Returns its base URL. */
  public String url() {
    return "http://127.0.0.1:" + port() + "/shop";
  }

  int port() {
    return connector.getLocalPort();
  }

  /** Serves {@code node} at {@link #url}, and all that operators ask for. */
  void serve(Geecache node) throws Exception {
    ServletContextHandler application = application(node);
    application.addServlet(new ServletHolder(new HealthServlet(node)), "/health/*");
    application.addServlet(new ServletHolder(new MetricsServlet(node)), "/metrics");
    jetty.start();
  }

  /** Serves {@code node} at {@link #url}, to callers and peers alone. */
  public void serveAlone(Geecache node) throws Exception {
    application(node);
    jetty.start();
  }

  private ServletContextHandler application(Geecache node) {
    ServletContextHandler application = new ServletContextHandler(jetty, "/shop");
    ServletHolder servlet = new ServletHolder(new HTTPPoolServlet(node));
    servlet.setAsyncSupported(true);
    application.addServlet(servlet, "/_geecache/*");
    application.addServlet(servlet, "/_cluster/*");
    // Settings are for nodes that code does not make.
    Map.of("geecache.enabled", "false", "geecache.self", "not a URL")
        .forEach(application::setInitParameter);
    return application;
  }

  @Override
  public void close() {
    try {
      jetty.stop();
    } catch (Exception failure) {
      throw new IllegalStateException("the server did not stop", failure);
    } finally {
      connector.close();
    }
  }
}
