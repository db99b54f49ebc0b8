package geecache.web;

import geecache.http.Secrets;
import geecache.settings.Settings;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Says of the operator's page, its scripts and its styles what they cannot say of themselves: that
 * no other page may show them in a frame, that nothing may keep them, and whether the node has a
 * secret, so that the page asks nothing in vain. Without {@code geecache.dashboard} there is no
 * page.
 *
 * <p>They may not even be kept and validated: all files of all builds have the same time, so that a
 * container would take a file of an older version with the same length for this one.
 */
public final class PageHeadersFilter extends HttpFilter {
  private static final long serialVersionUID = 1;

  /** Read by the page: {@code secret} or {@code open}. */
  private static final String ACCESS = "Geecache-Access";

  /** Written by {@link #init}, which the container runs before any request. */
  private transient boolean off;

  /** As {@link #off}. */
  private transient String access = "open";

  /** For the container. */
  public PageHeadersFilter() {}

  @Override
  public void init() {
    Settings settings = ContextSettings.of(getServletContext());
    off =
        NodeSettingTable.isSwitchedOff(settings)
            || !settings.find(NodeSettingTable.DASHBOARD).orElse(false);
    access =
        settings.find(NodeSettingTable.SECRET).map(Secrets::isEmpty).orElse(true)
            ? "open"
            : "secret";
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (response instanceof HttpServletResponse page) {
      page.setHeader("Content-Security-Policy", "frame-ancestors 'none'");
      page.setHeader("X-Content-Type-Options", "nosniff");
      page.setHeader("Cache-Control", "no-store");
      if (off) {
        page.sendError(HttpServletResponse.SC_NOT_FOUND);
        return;
      }
      page.setHeader(ACCESS, access);
    }
    chain.doFilter(request, response);
  }
}
