package com.example;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.Geecache;
import geecache.web.GeecacheListener;
import geecache.web.HTTPPoolServlet;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;

/** Serves a group of greetings from embedded Tomcat. */
public final class GreetingServer implements AutoCloseable {
  private static final long MAX_BYTES = 1 << 20;

  private final Tomcat tomcat = new Tomcat();
  private final Context application;

  /** Starts on the loopback interface; port 0 takes any free one. */
  public GreetingServer(int port, String baseDir) throws LifecycleException {
    tomcat.setBaseDir(baseDir);
    tomcat.setPort(port);
    tomcat.getConnector().setProperty("address", "127.0.0.1");

    application = tomcat.addContext("", null);
    application.addApplicationListener(GeecacheListener.class.getName());
    Tomcat.addServlet(application, "geecache", new HTTPPoolServlet()).setAsyncSupported(true);
    application.addServletMappingDecoded("/_geecache/*", "geecache");
    application.addServletMappingDecoded("/_cluster/*", "geecache");
    application.addServletContainerInitializer(
        (classes, context) -> Geecache.of(context).newGroup("greetings", MAX_BYTES, this::greet),
        null);

    tomcat.start();
  }

  public int port() {
    return tomcat.getConnector().getLocalPort();
  }

  public Geecache node() {
    return Geecache.of(application.getServletContext());
  }

  @Override
  public void close() throws LifecycleException {
    tomcat.stop();
    tomcat.destroy();
  }

  private byte[] greet(String name) {
    return ("Hello, " + name + "!").getBytes(UTF_8);
  }
}
