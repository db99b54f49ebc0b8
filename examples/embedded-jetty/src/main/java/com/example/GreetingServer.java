package com.example;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.Geecache;
import geecache.web.GeecacheListener;
import geecache.web.HTTPPoolServlet;
import java.net.InetSocketAddress;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.component.LifeCycle;

/** Serves a group of greetings from embedded Jetty. */
public final class GreetingServer implements AutoCloseable {
  private static final long MAX_BYTES = 1 << 20;

  private final Server jetty;
  private final ServletContextHandler application = new ServletContextHandler("/");

  /** Starts on the loopback interface; port 0 takes any free one. */
  public GreetingServer(int port) throws Exception {
    application.addEventListener(new GeecacheListener());
    ServletHolder servlet = new ServletHolder(new HTTPPoolServlet());
    servlet.setAsyncSupported(true);
    application.addServlet(servlet, "/_geecache/*");
    application.addServlet(servlet, "/_cluster/*");
    application.addServletContainerInitializer(
        (classes, context) -> Geecache.of(context).newGroup("greetings", MAX_BYTES, this::greet));

    jetty = new Server(new InetSocketAddress("127.0.0.1", port));
    jetty.setHandler(application);
    jetty.start();
  }

  public int port() {
    return jetty.getURI().getPort();
  }

  public Geecache node() {
    return Geecache.of(application.getServletContext());
  }

  @Override
  public void close() {
    LifeCycle.stop(jetty);
  }

  private byte[] greet(String name) {
    return ("Hello, " + name + "!").getBytes(UTF_8);
  }
}
