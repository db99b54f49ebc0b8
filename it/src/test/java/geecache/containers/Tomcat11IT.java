package geecache.containers;

import java.io.IOException;

final class Tomcat11IT extends HttpContract {
  Tomcat11IT() throws IOException {
    super(new Tomcat("tomcat11", "apache-tomcat-11."));
  }
}
