package geecache.web;

import geecache.Geecache;
import geecache.http.HTTPPool;
import geecache.http.Reply;
import geecache.metrics.PrometheusPage;
import geecache.settings.Settings;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Answers with the numbers of the node of its web application, or of one that was made in code, as
 * Prometheus reads them. A request needs the secret, if there is one, unless {@code
 * geecache.public-metrics} is true. The WAR maps it to {@code /metrics}. In another application it
 * is mapped to nothing, unless that declares it and maps it: its classes then include {@code
 * micrometer-registry-prometheus}.
 */
public final class MetricsServlet extends HttpServlet {
  private static final long serialVersionUID = 1;

  /** Each costs the processor a moment, and memory for one page. */
  private static final int MOST_AT_ONCE = 2;

  private final transient Semaphore places = new Semaphore(MOST_AT_ONCE);

  /** The node that was made in code; null for that of the web application. */
  private final transient @Nullable ServedNode given;

  /**
   * Written by {@link #init}, which the container runs before any request; null if switched off.
   */
  private transient @Nullable PrometheusPage page;

  /** Written with {@link #page}. */
  private transient @Nullable HTTPPool pool;

  /** Written with {@link #page}; null if every host is allowed. */
  private transient @Nullable AllowedHosts hosts;

  /** Written with {@link #page}. */
  private transient boolean open;

  /**
   * Tells of the node of the web application, which settings describe. For the container, or for
   * code that registers the servlet.
   */
  public MetricsServlet() {
    this.given = null;
  }

  /**
   * Tells of {@code node}, which was made in code. Requests need its secret.
   *
   * @throws IllegalArgumentException if the node has no {@link HTTPPool}
   */
  public MetricsServlet(Geecache node) {
    this(node, ServletOptions.defaults());
  }

  /** As {@link #MetricsServlet(Geecache)}, with other options. */
  public MetricsServlet(Geecache node, ServletOptions options) {
    this.given = ServedNode.of(node, options);
  }

  @Override
  public void init() throws ServletException {
    ServedNode served = given != null ? given : configured();
    if (served == null) {
      return;
    }
    pool = served.pool();
    hosts = served.hosts();
    open = served.options().publicMetrics();
    try {
      page = new PrometheusPage(served.node());
    } catch (NoClassDefFoundError absent) {
      throw new ServletException(
          "the servlet geecache.web.MetricsServlet needs"
              + " io.micrometer:micrometer-registry-prometheus",
          absent);
    }
  }

  private @Nullable ServedNode configured() {
    ServletContext context = getServletContext();
    Settings settings = ContextSettings.of(context);
    boolean off =
        NodeSettingTable.isSwitchedOff(settings)
            || !settings.find(NodeSettingTable.METRICS).orElse(true);
    return off ? null : WebNode.served(context, settings);
  }

  @Override
  public void destroy() {
    if (page != null) {
      page.close();
    }
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (page == null) {
      response.sendError(HttpServletResponse.SC_NOT_FOUND);
      return;
    }
    if (UnreadBody.isAnnounced(request)) {
      UnreadBody.answer(request, response, () -> answer(request, response));
    } else {
      answer(request, response);
    }
  }

  private void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Optional<Reply> refusal = refusal(request, response);
    if (refusal.isPresent()) {
      write(refusal.get(), request, response);
    } else if (!places.tryAcquire()) {
      response.setHeader("Retry-After", "1");
      write(Reply.error(503, Reply.Status.OVERLOADED, "overloaded: ask again"), request, response);
    } else {
      try {
        writePage(page.read(request.getHeader("Accept")), request, response);
      } finally {
        places.release();
      }
    }
  }

  private Optional<Reply> refusal(HttpServletRequest request, HttpServletResponse response) {
    if (hosts != null && !hosts.allows(request.getServerName())) {
      return Optional.of(AllowedHosts.refusal());
    }
    Optional<Reply> unauthorized =
        open ? Optional.empty() : pool.refusal(request.getHeader("Authorization"));
    if (unauthorized.isEmpty()
        && !request.getMethod().equals("GET")
        && !request.getMethod().equals("HEAD")) {
      response.setHeader("Allow", "GET, HEAD");
      return Optional.of(Reply.error(405, Reply.Status.METHOD_NOT_ALLOWED, "method not allowed"));
    }
    return unauthorized;
  }

  private static void writePage(
      PrometheusPage.Text page, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader(Reply.STATUS_HEADER, Reply.Status.OK.token());
    response.setHeader("Content-Type", page.contentType());
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Vary", "Accept");
    response.setContentLength(page.body().length);
    if (!request.getMethod().equals("HEAD")) {
      response.getOutputStream().write(page.body());
    }
  }

  private static void write(Reply reply, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setStatus(reply.code());
    reply.headers().forEach(response::setHeader);
    response.setContentLength(reply.body().length());
    if (!request.getMethod().equals("HEAD")) {
      reply.body().writeTo(response.getOutputStream());
    }
  }
}
