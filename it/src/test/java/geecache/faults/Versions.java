package geecache.faults;

import geecache.Geecache;
import geecache.Getter;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;

/** Registers the group {@code versions} of each node, whose values are those of the origin. */
public final class Versions implements ServletContextListener {
  static final String GROUP = "versions";
  static final String ORIGIN = "faults.origin";

  /** Less than the minute for which reads name removals; what lives longer is another promise's. */
  static final Duration TIME_TO_LIVE = Duration.ofSeconds(50);

  static final Duration WAIT_TIMEOUT = Duration.ofSeconds(5);

  /** More than all values together. */
  private static final int ROOMY = 16 << 20;

  /** Made by the container. */
  public Versions() {}

  @Override
  public void contextInitialized(ServletContextEvent event) {
    URI origin = URI.create(event.getServletContext().getInitParameter(ORIGIN));
    Geecache.of(event.getServletContext())
        .group(GROUP)
        .maxBytes(ROOMY)
        .timeToLive(TIME_TO_LIVE)
        .loadTimeout(WAIT_TIMEOUT.dividedBy(2))
        .waitTimeout(WAIT_TIMEOUT)
        .register(getter(origin));
    event
        .getServletContext()
        .addServlet("controls", new Controls())
        .addMapping(Controls.PATH + "*");
  }

  private static Getter getter(URI origin) {
    return key -> {
      HttpURLConnection connection =
          (HttpURLConnection) origin.resolve("/value/" + key).toURL().openConnection();
      if (connection.getResponseCode() != 200) {
        throw new IOException("the origin says " + connection.getResponseCode());
      }
      try (InputStream body = connection.getInputStream()) {
        return body.readAllBytes();
      }
    };
  }
}
