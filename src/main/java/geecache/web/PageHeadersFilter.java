package geecache.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Says of the start page what a page cannot say of itself: that no other page may show it in a
 * frame. All else about it stands in its own head.
 */
public final class PageHeadersFilter extends HttpFilter {
  private static final long serialVersionUID = 1;

  /** For the container. */
  public PageHeadersFilter() {}

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (response instanceof HttpServletResponse page) {
      page.setHeader("Content-Security-Policy", "frame-ancestors 'none'");
      page.setHeader("X-Content-Type-Options", "nosniff");
    }
    chain.doFilter(request, response);
  }
}
