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
import java.util.concurrent.TimeUnit;

/**
 * The rest of a body that was not read, because its request was refused. Some containers read such
 * a rest on the request's thread, as slowly as it comes, so that it can be followed by another
 * request on the connection (Tomcat: {@code maxSwallowSize}). Here it is thrown away as it comes
 * and on no thread, for a while, in which the client can read its answer; then the connection ends.
 *
 * <p>The container calls it on its own threads, one call at a time.
 */
final class UnreadBody implements ReadListener, AsyncListener {
  /** For how long the rest may come. */
  private static final int LIMIT_MILLIS = 5_000;

  private static final int AT_ONCE = 8 << 10;

  private final AsyncContext context;
  private final ServletInputStream in;
  private final long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LIMIT_MILLIS);

  private UnreadBody(AsyncContext context, ServletInputStream in) {
    this.context = context;
    this.in = in;
  }

  /** Writes an answer. */
  interface Answer {
    void write() throws IOException;
  }

  /** Whether a request announces a body. */
  static boolean isAnnounced(HttpServletRequest request) {
    return request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
  }

  /**
   * Has {@code answer} written to a request that announces a body, and throws away what is left of
   * that then. If something is left before, the client is told that the connection ends.
   */
  static void answer(HttpServletRequest request, HttpServletResponse response, Answer answer)
      throws IOException {
    boolean left = isLeft(request, response);
    if (left && request.getProtocol().startsWith("HTTP/1.")) { // HTTP/2 has no such header.
      response.setHeader("Connection", "close");
    }
    answer.write();
    if (left && !request.isAsyncStarted()) {
      discard(request, response);
    }
  }

  /**
   * Whether some of the body has still to come, and can be thrown away so. It cannot be where a
   * filter in front has streams of its own. A client that waits to be told to go on sends nothing,
   * and to ask for the stream would tell it.
   */
  private static boolean isLeft(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (!request.isAsyncSupported()
        || request.isAsyncStarted()
        || request.getDispatcherType() != DispatcherType.REQUEST
        || request.getHeader("Expect") != null
        || !ContainerStreams.isOf(request)
        || !ContainerStreams.isOf(response)) {
      return false;
    }
    try {
      return !request.getInputStream().isFinished();
    } catch (IllegalStateException reads) { // A filter, by a reader.
      return false;
    }
  }

  /** Returns at once. */
  private static void discard(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.flushBuffer();
    AsyncContext context = request.startAsync();
    context.setTimeout(LIMIT_MILLIS);
    UnreadBody rest = new UnreadBody(context, request.getInputStream());
    context.addListener(rest);
    try {
      rest.in.setReadListener(rest);
    } catch (RuntimeException refused) {
      rest.complete();
    }
  }

  /** Some containers tell nobody that the time is over while this runs. */
  @Override
  public void onDataAvailable() throws IOException {
    byte[] unread = new byte[AT_ONCE];
    while (in.isReady() && !in.isFinished()) {
      if (System.nanoTime() - end > 0) {
        complete();
        return;
      }
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
