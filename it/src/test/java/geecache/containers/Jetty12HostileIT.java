package geecache.containers;

import java.io.IOException;

final class Jetty12HostileIT extends HostileContract {
  Jetty12HostileIT() throws IOException {
    super(
        new Jetty("hostile-jetty12", "jetty-home-12.", "ee10-deploy", "-Xmx256m"),
        Integer.MAX_VALUE);
  }
}
