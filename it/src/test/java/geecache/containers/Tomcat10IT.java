package geecache.containers;

import java.io.IOException;

final class Tomcat10IT extends HttpContract {
  Tomcat10IT() throws IOException {
    super(new Tomcat("tomcat10", "apache-tomcat-10."));
  }
}
