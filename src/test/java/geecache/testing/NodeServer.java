package geecache.testing;

import geecache.Geecache;
import geecache.Ticker;
import geecache.http.HTTPPool;
import geecache.web.GeecacheListener;
import geecache.web.HTTPPoolServlet;
import geecache.web.HealthServlet;
import geecache.web.MetricsServlet;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;

/**
 * One life of one node: an embedded Jetty with a web application in which geecache runs. For use by
 * one thread at a time.
 */
final class NodeServer {
  private static final int MAX_THREADS = 200;
  private static final int MIN_THREADS = 4;
  private static final long STOP_MILLIS = 2_000;

  private final Server jetty;
  private final ServerConnector connector;
  private final ServletContextHandler application;
  private @Nullable Geecache geecache;

  /**
   * Opens the port. Who connects is accepted, and waits for {@link #start}.
   *
   * @param name that of its threads
   * @param port 0 for a free one
   */
  NodeServer(String name, int port, String contextPath) {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
    threads.setName(Threads.PREFIX + name);
    threads.setDaemon(true);
    threads.setStopTimeout(STOP_MILLIS);
    jetty = new Server(threads);
    connector =
        new ServerConnector(
            jetty,
            null,
            new ScheduledExecutorScheduler(Threads.PREFIX + name + "-timer", true),
            null,
            1,
            1,
            new HttpConnectionFactory());
    connector.setHost("127.0.0.1");
    connector.setPort(port);
    jetty.addConnector(connector);
    application = new ServletContextHandler(jetty, contextPath, ServletContextHandler.NO_SESSIONS);
    try {
      connector.open();
    } catch (IOException taken) {
      throw new UncheckedIOException("port " + port + " cannot be opened", taken);
    }
  }

  int port() {
    return connector.getLocalPort();
  }

  /**
   * Starts to answer. After a failure it is to be stopped.
   *
   * @param settings the context parameters
   */
  void start(Map<String, String> settings, NodeParts parts) {
    settings.forEach(application::setInitParameter);
    if (parts.ticker() != null || parts.loaderThreads() > 0) {
      Ticker ticker = parts.ticker() == null ? Ticker.system() : parts.ticker();
      geecache = new Geecache(ticker, parts.loaderThreads());
      application.setAttribute(Geecache.class.getName(), geecache);
    }
    application.addEventListener(new GeecacheListener());
    application.addEventListener(
        new ServletContextListener() {
          @Override
          public void contextInitialized(ServletContextEvent event) {
            geecache = Geecache.of(event.getServletContext());
            parts.groups().accept(geecache);
          }
        });
    ServletHolder servlet = application.addServlet(HTTPPoolServlet.class, "/_geecache/*");
    servlet.setAsyncSupported(true);
    servlet.setInitOrder(1);
    application.addServlet(servlet, "/_cluster/*");
    application.addServlet(servlet, "/_groupcache/*");
    application.addServlet(HealthServlet.class, "/health/*");
    application.addServlet(MetricsServlet.class, "/metrics"); // Made at the first request.
    try {
      jetty.start();
    } catch (RuntimeException failure) {
      throw failure;
    } catch (Exception failure) {
      throw new IllegalStateException("the node did not start", failure);
    }
  }

  /** Returns the node, from its start to its end. */
  Geecache geecache() {
    if (geecache == null) {
      throw new IllegalStateException("the node has not started");
    }
    return geecache;
  }

  /** Returns what the node knows of its peers. */
  HTTPPool pool() {
    return (HTTPPool) application.getServletContext().getAttribute(HTTPPool.class.getName());
  }

  /** Closes its sockets, whatever is under way, then the application. */
  void stop() {
    try {
      connector.stop();
      jetty.stop();
    } catch (Exception failure) {
      throw new IllegalStateException("the node did not stop", failure);
    } finally {
      connector.close(); // It may never have started.
      if (geecache != null) {
        geecache.close();
      }
    }
  }
}
