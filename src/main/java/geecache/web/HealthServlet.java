package geecache.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.Geecache;
import geecache.http.HTTPPool;
import geecache.http.Reply;
import geecache.settings.Settings;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells load balancers and operators how the node of its web application is, or one that was made
 * in code. They need no secret. A path that ends with {@code /live} asks whether the node runs, a
 * path that ends with {@code /ready} whether it should be sent requests. The answer is one line of
 * text with {@code 200} or {@code 503}.
 */
public final class HealthServlet extends HttpServlet {
  private static final long serialVersionUID = 1;

  /**
   * The node that was made in code; or written by {@link #init}, which the container runs before
   * any request. Null if switched off.
   */
  private transient @Nullable ServedNode served;

  /**
   * Tells of the node of the web application, which settings describe. For the container, or for
   * code that registers the servlet.
   */
  public HealthServlet() {}

  /**
   * Tells of {@code node}, which was made in code.
   *
   * @throws IllegalArgumentException if the node has no {@link HTTPPool}
   */
  public HealthServlet(Geecache node) {
    served = ServedNode.of(node, ServletOptions.defaults());
  }

  @Override
  public void init() {
    if (served != null) {
      return;
    }
    Settings settings = ContextSettings.of(getServletContext());
    if (!NodeSettingTable.isSwitchedOff(settings)
        && settings.find(NodeSettingTable.HEALTH).orElse(true)) {
      served = WebNode.served(getServletContext(), settings);
    }
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (UnreadBody.isAnnounced(request)) {
      UnreadBody.answer(request, response, () -> answer(request, response));
    } else {
      answer(request, response);
    }
  }

  private void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    ServedNode known = served;
    boolean live = request.getRequestURI().endsWith("/live");
    if (known == null || !live && !request.getRequestURI().endsWith("/ready")) {
      response.sendError(HttpServletResponse.SC_NOT_FOUND);
      return;
    }
    if (!request.getMethod().equals("GET") && !request.getMethod().equals("HEAD")) {
      response.setHeader("Allow", "GET, HEAD");
      write(request, response, 405, Reply.Status.METHOD_NOT_ALLOWED, "method not allowed");
      return;
    }
    List<String> lacking = live ? List.of() : lacking(known, getServletContext());
    if (lacking.isEmpty()) {
      write(request, response, 200, Reply.Status.OK, live ? "live" : "ready");
    } else {
      String line = "not ready: " + String.join(", ", lacking);
      write(request, response, 503, Reply.Status.NOT_READY, line);
    }
  }

  private static List<String> lacking(ServedNode served, ServletContext context) {
    return ConfiguredNode.of(context)
        .map(ConfiguredNode::lacking)
        .orElseGet(
            () -> {
              List<String> lacking = new ArrayList<>();
              served.pool().notReady().ifPresent(lacking::add);
              served.node().missingGroups().forEach(group -> lacking.add("no group " + group));
              return lacking;
            });
  }

  private static void write(
      HttpServletRequest request,
      HttpServletResponse response,
      int code,
      Reply.Status status,
      String line)
      throws IOException {
    byte[] body = (line + "\n").getBytes(UTF_8);
    response.setStatus(code);
    response.setHeader(Reply.STATUS_HEADER, status.token());
    response.setHeader("Content-Type", "text/plain; charset=utf-8");
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Cache-Control", "no-store");
    response.setContentLength(body.length);
    if (!request.getMethod().equals("HEAD")) {
      response.getOutputStream().write(body);
    }
  }
}
