package geecache.containers;

import java.io.IOException;

final class Jetty12IT extends HttpContract {
  Jetty12IT() throws IOException {
    super(new Jetty("jetty12", "jetty-home-12.", "ee10-deploy"));
  }
}
