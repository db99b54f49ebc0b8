package geecache.containers;

import java.io.IOException;

final class TomcatClusterIT extends ClusterContract {
  TomcatClusterIT() throws IOException {
    super(
        new Tomcat("cluster-tomcat-1", "apache-tomcat-11."),
        new Tomcat("cluster-tomcat-2", "apache-tomcat-11."),
        new Tomcat("cluster-tomcat-3", "apache-tomcat-11."));
  }
}
