package geecache.containers;

import java.io.IOException;

final class Jetty11IT extends HttpContract {
  Jetty11IT() throws IOException {
    super(new Jetty("jetty11", "jetty-home-11.", "deploy"));
  }
}
