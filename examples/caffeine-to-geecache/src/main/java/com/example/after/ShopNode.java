package com.example.after;

import geecache.Geecache;
import geecache.node.GeecacheBuilder;
import geecache.web.HTTPPoolServlet;
import geecache.web.HealthServlet;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;

/** A node that is made in code, and the server in which its peers ask it. */
public final class ShopNode implements AutoCloseable {
  private final Server jetty = new Server();
  private final ServerConnector connector = new ServerConnector(jetty);
  private Geecache node;

  /** Opens a port of the loopback interface; 0 takes any free one. */
  public ShopNode(int port) throws IOException {
    connector.setHost("127.0.0.1");
    connector.setPort(port);
    jetty.addConnector(connector);
    connector.open();
  }

  /** Returns the base URL by which the other nodes know this one. */
  public String url() {
    return "http://127.0.0.1:" + connector.getLocalPort();
  }

  /** Becomes one of the nodes at {@code urls}. */
  public Geecache start(List<String> urls, String secret) throws Exception {
    node =
        GeecacheBuilder.create()
            .self(url())
            .peers(urls)
            .secret(secret)
            .peerOptions(options -> options.timeout(Duration.ofSeconds(5)))
            .start();
    ServletContextHandler application = new ServletContextHandler("/");
    ServletHolder servlet = new ServletHolder(new HTTPPoolServlet(node));
    servlet.setAsyncSupported(true);
    application.addServlet(servlet, "/_geecache/*");
    application.addServlet(servlet, "/_cluster/*");
    application.addServlet(new ServletHolder(new HealthServlet(node)), "/health/*");
    jetty.setHandler(application);
    jetty.start();
    return node;
  }

  @Override
  public void close() {
    if (node != null) {
      node.close(); // While its peers can still be told.
    }
    LifeCycle.stop(jetty);
    connector.close();
  }
}
