package geecache.web;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * The rest of a body that was not read, because its request was refused. Some containers read such
 * a rest on the request's thread, as slowly as it comes, so that it can be followed by another
 * request on the connection (Tomcat: {@code maxSwallowSize}). Here it is thrown away on no thread,
 * for a while, in which the client can read its answer; then the connection ends.
 *
 * <p>The container calls it on its own threads, one call at a time.
 */
final class UnreadBody implements ReadListener, AsyncListener {
  /** For how long the rest may come. */
  private static final int LIMIT_MILLIS = 5_000;

  private static final int AT_ONCE = 8 << 10;

  private final AsyncContext context;
  private final ServletInputStream in;

  private UnreadBody(AsyncContext context, ServletInputStream in) {
    this.context = context;
    this.in = in;
  }

  /**
   * Whether some of the body has still to come. Call this before the answer is written: it then has
   * to say that the connection ends.
   */
  static boolean isLeft(HttpServletRequest request) throws IOException {
    return request.isAsyncSupported()
        && !request.isAsyncStarted()
        && request.getDispatcherType() == DispatcherType.REQUEST
        && !request.getInputStream().isFinished();
  }

  /** Tells the client that the connection ends; HTTP/2 has no such header, and no need of it. */
  static void announceEnd(HttpServletRequest request, HttpServletResponse response) {
    if (request.getProtocol().startsWith("HTTP/1.")) {
      response.setHeader("Connection", "close");
    }
  }

  /** Throws the rest away, and returns at once. The answer has been written. */
  static void discard(HttpServletRequest request, HttpServletResponse response) throws IOException {
    response.flushBuffer();
    AsyncContext context = request.startAsync();
    context.setTimeout(LIMIT_MILLIS);
    UnreadBody rest = new UnreadBody(context, request.getInputStream());
    context.addListener(rest);
    rest.in.setReadListener(rest);
  }

  @Override
  public void onDataAvailable() throws IOException {
    byte[] unread = new byte[AT_ONCE];
    while (in.isReady() && !in.isFinished()) {
      if (in.read(unread) < 0) {
        return; // The container says so once more, by the next method.
      }
    }
  }

  @Override
  public void onAllDataRead() {
    complete();
  }

  /** The client has left, or the body is malformed. */
  @Override
  public void onError(Throwable broken) {
    complete();
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    complete();
  }

  private void complete() {
    try {
      context.complete();
    } catch (IllegalStateException ended) {
      // By the container.
    }
  }

  @Override
  public void onComplete(AsyncEvent event) {}

  @Override
  public void onError(AsyncEvent event) {}

  @Override
  public void onStartAsync(AsyncEvent event) {}
}
