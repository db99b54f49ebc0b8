package geecache.containers;

import java.io.IOException;

final class Tomcat11HostileIT extends HostileContract {
  /** Beyond 8,192 connections, its default, further ones wait until one ends. */
  private static final int MOST_CONNECTIONS = 8_000;

  Tomcat11HostileIT() throws IOException {
    super(new Tomcat("hostile-tomcat11", "apache-tomcat-11.", "-Xmx256m"), MOST_CONNECTIONS);
  }
}
