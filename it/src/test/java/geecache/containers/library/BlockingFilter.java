package geecache.containers.library;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * A filter such as many applications have: declared without {@code async-supported}, it forbids
 * asynchronous requests to everything behind it. It says so in a header.
 */
public final class BlockingFilter implements Filter {
  /** Made by the container. */
  public BlockingFilter() {}

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    ((HttpServletResponse) response)
        .setHeader("Async-Supported", String.valueOf(request.isAsyncSupported()));
    chain.doFilter(request, response);
  }
}
