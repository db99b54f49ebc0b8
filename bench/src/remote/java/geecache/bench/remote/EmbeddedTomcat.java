package geecache.bench.remote;

import geecache.Geecache;
import geecache.bench.nodes.Ends;
import geecache.web.GeecacheListener;
import geecache.web.HTTPPoolServlet;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;

/** A node in Tomcat, with its defaults; but that a connection may be used for ever. */
final class EmbeddedTomcat {
  private EmbeddedTomcat() {}

  static Geecache start(int port, Map<String, String> parameters) throws LifecycleException {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir("target/remote/tomcat");
    tomcat.setPort(port);
    tomcat.getConnector().setProperty("address", Ends.HOST);
    tomcat.getConnector().setProperty("maxKeepAliveRequests", "-1");
    Context application = tomcat.addContext("", null);
    parameters.forEach(application::addParameter);
    application.addApplicationListener(GeecacheListener.class.getName());
    Tomcat.addServlet(application, "geecache", new HTTPPoolServlet()).setAsyncSupported(true);
    application.addServletMappingDecoded("/_geecache/*", "geecache");
    application.addServletMappingDecoded("/_cluster/*", "geecache");
    application.addServletMappingDecoded("/_groupcache/*", "geecache");
    tomcat.start();
    return Geecache.of(application.getServletContext());
  }
}
