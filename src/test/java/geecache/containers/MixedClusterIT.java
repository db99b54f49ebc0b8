package geecache.containers;

import java.io.IOException;
import org.junit.jupiter.api.Tag;

@Tag("heavy")
final class MixedClusterIT extends ClusterContract {
  MixedClusterIT() throws IOException {
    super(
        new Tomcat("cluster-tomcat", "tomcat11.home"),
        new Jetty("cluster-jetty", "jetty12.home", "ee10-deploy"),
        new WildFly("cluster-wildfly"));
  }
}
