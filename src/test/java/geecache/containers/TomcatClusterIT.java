package geecache.containers;

import java.io.IOException;

final class TomcatClusterIT extends ClusterContract {
  TomcatClusterIT() throws IOException {
    super(
        new Tomcat("cluster-tomcat-1", "tomcat11.home"),
        new Tomcat("cluster-tomcat-2", "tomcat11.home"),
        new Tomcat("cluster-tomcat-3", "tomcat11.home"));
  }
}
