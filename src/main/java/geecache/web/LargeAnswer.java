package geecache.web;

import geecache.ByteView;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Iterator;

/**
 * Writes an answer as fast as its client takes it, and holds no thread while the client takes
 * nothing. How long a client may take nothing is for the container to say, which then ends the
 * connection.
 *
 * <p>The container calls it on its own threads, one call at a time. The container is given no more
 * bytes at once than its buffer has, because some containers copy what the client does not take.
 */
final class LargeAnswer implements WriteListener {
  private static final int LEAST_AT_ONCE = 1 << 10;

  private final Iterator<ByteView> parts;
  private final OpenRequest open;
  private final ServletOutputStream out;
  private final int mostAtOnce;
  private ByteView part = ByteView.of("");

  /** How much of {@link #part} was given to the container. */
  private int given;

  private boolean flushed;

  private LargeAnswer(
      Iterator<ByteView> parts, OpenRequest open, ServletOutputStream out, int mostAtOnce) {
    this.parts = parts;
    this.open = open;
    this.out = out;
    this.mostAtOnce = mostAtOnce;
  }

  /**
   * Whether an answer can be written so. It cannot be where a filter in front takes it into a
   * stream of its own: that filter may pass it on when the call returns, which is too early.
   */
  static boolean isPossible(HttpServletRequest request, HttpServletResponse response) {
    return request.isAsyncSupported()
        && !request.isAsyncStarted()
        && request.getDispatcherType() != DispatcherType.INCLUDE
        && ContainerStreams.isOf(response);
  }

  /** Begins to write, and returns. The request is completed at the end. */
  static void start(Iterator<ByteView> parts, OpenRequest open, HttpServletResponse response)
      throws IOException {
    ServletOutputStream out = response.getOutputStream();
    int mostAtOnce = Math.max(LEAST_AT_ONCE, response.getBufferSize());
    out.setWriteListener(new LargeAnswer(parts, open, out, mostAtOnce));
  }

  /**
   * Completes the request only once the client has taken all: else the container would wait for
   * that on a thread.
   */
  @Override
  public void onWritePossible() throws IOException {
    try {
      write();
    } catch (Error fault) { // Some containers tell no listener of a heap that ends.
      open.abandon();
      throw fault;
    }
  }

  private void write() throws IOException {
    while (out.isReady()) {
      if (given < part.length()) {
        int length = Math.min(mostAtOnce, part.length() - given);
        part.writeTo(out, given, length);
        given += length;
      } else if (parts.hasNext()) {
        part = parts.next();
        given = 0;
      } else if (!flushed) {
        flushed = true;
        out.flush();
      } else {
        open.complete();
        return;
      }
    }
  }

  /** The client has left, or has taken nothing for too long. */
  @Override
  public void onError(Throwable gone) {
    open.complete();
  }
}
