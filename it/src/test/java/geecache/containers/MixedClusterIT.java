package geecache.containers;

import java.io.IOException;
import org.junit.jupiter.api.Tag;

@Tag("heavy")
final class MixedClusterIT extends ClusterContract {
  MixedClusterIT() throws IOException {
    super(
        new Tomcat("cluster-tomcat", "apache-tomcat-11."),
        new Jetty("cluster-jetty", "jetty-home-12.", "ee10-deploy"),
        new WildFly("cluster-wildfly"));
  }
}
