package geecache.containers.library;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.Geecache;
import geecache.KeyNotFoundException;
import geecache.LoadException;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.util.List;

/** Registers groups as an application would, in its own listener. */
public final class LibraryListener implements ServletContextListener {
  /** The classes that it needs beside its own. */
  public static final List<Class<?>> PARTS = List.of(Gate.class, Loads.class, RemoteSource.class);

  static final String LOADS = "loads";

  /** More than all tests together ask for, so that nothing is loaded twice for want of room. */
  private static final int ROOMY = 16 << 20;

  /** Made by the container. */
  public LibraryListener() {}

  @Override
  public void contextInitialized(ServletContextEvent event) {
    ServletContext context = event.getServletContext();
    Loads loads = new Loads();
    context.setAttribute(LOADS, loads);
    Geecache node = Geecache.of(context);
    node.newGroup("echo", ROOMY, loads.counting(key -> key.getBytes(UTF_8)));
    node.newGroup("scores", 2048, loads.counting(LibraryListener::score));
    node.newGroup("absent", 2048, loads.counting(LibraryListener::absent));
    node.newGroup("broken", 2048, loads.counting(LibraryListener::broken));
    node.newGroup("large", ROOMY, loads.counting(LibraryListener::large));
    Gate.register(node, loads);
    String source = context.getInitParameter(RemoteSource.PARAMETER);
    if (source != null) {
      node.newGroup("remote", ROOMY, new RemoteSource(source));
    }
  }

  /** A value that fits into no buffer of a container. */
  private static byte[] large(String key) {
    return key.repeat(100_000).getBytes(UTF_8);
  }

  private static byte[] score(String key) throws LoadException {
    if (!key.equals("Tom")) {
      throw new LoadException(key + " not exist");
    }
    return "630".getBytes(UTF_8);
  }

  private static byte[] absent(String key) throws KeyNotFoundException {
    throw new KeyNotFoundException("no row for " + key);
  }

  private static byte[] broken(String key) {
    throw new IllegalStateException("jdbc:secret at /etc/passwd");
  }
}
