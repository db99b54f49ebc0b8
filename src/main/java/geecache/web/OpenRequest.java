package geecache.web;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A request that is answered later, on other threads than the container's. Once the container has
 * ended it, nothing of it is touched any more: containers use request and response objects again,
 * and a late write would go to another client.
 *
 * <p>Interleaving: (1) The client leaves, and a write fails. (2) The container notices that, and
 * ends the request on a thread of its own. (3) It uses request and response for the next client.
 * (4) Our thread goes on, and writes into or completes the answer of that client. This class
 * prevents (4): the container calls its listeners before (3) and waits for them, so that a step of
 * ours has ended by then, or is not made. Test: {@code whatTheContainerHasEndedIsLeftAlone}.
 */
final class OpenRequest implements AsyncListener {
  private final AsyncContext context;
  private final Runnable whenOver;

  /** Guarded by this. Each step is made under it, so a listener waits for one write at most. */
  private boolean over;

  private OpenRequest(AsyncContext context, Runnable whenOver) {
    this.context = context;
    this.whenOver = whenOver;
  }

  /** Keeps {@code request} open without a timeout: what it waits for has one. */
  static OpenRequest of(HttpServletRequest request) {
    return of(request, () -> {});
  }

  /**
   * As the other.
   *
   * @param whenOver short; runs once, when the container has ended the request
   */
  static OpenRequest of(HttpServletRequest request, Runnable whenOver) {
    OpenRequest open = new OpenRequest(request.startAsync(), whenOver);
    open.context.setTimeout(0);
    open.context.addListener(open);
    return open;
  }

  /** Asks the container to dispatch the request once more, unless the request has ended. */
  void dispatch() {
    unlessOver(context::dispatch);
  }

  /** Completes the request, unless it has ended. */
  void complete() {
    unlessOver(context::complete);
  }

  /** Touches the request no more, which the container ends. */
  void abandon() {
    end();
  }

  private synchronized void unlessOver(Runnable step) {
    if (!over) {
      try {
        step.run();
      } catch (IllegalStateException ended) {
        end(); // The container has ended it, and called no listener.
      }
    }
  }

  /** Returns a stream that writes to {@code out}, and fails once the request has ended. */
  OutputStream guarded(OutputStream out) {
    return new OutputStream() {
      @Override
      public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        synchronized (OpenRequest.this) {
          requireOpen();
          out.write(bytes, offset, length);
        }
      }

      @Override
      public void flush() throws IOException {
        synchronized (OpenRequest.this) {
          requireOpen();
          out.flush();
        }
      }
    };
  }

  private void requireOpen() throws IOException {
    if (over) {
      throw new IOException("the container has ended the request");
    }
  }

  private synchronized void end() {
    if (!over) {
      over = true;
      whenOver.run();
    }
  }

  @Override
  public void onComplete(AsyncEvent event) {
    end();
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    end();
  }

  @Override
  public void onError(AsyncEvent event) {
    end();
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    end(); // The new start adds a listener of its own.
  }
}
