package geecache.web;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A request that is answered later, beside the container's threads. From when the container has
 * ended it nothing of it is touched any more: containers use their objects again, and what comes
 * too late would go to another request.
 *
 * <p>Interleaving: (1) The client leaves, and a write fails. (2) The container, which has noticed,
 * ends the request on a thread of its own. (3) It uses request and response for the next client.
 * (4) Whoever wrote goes on, writes or completes: the answer of that client. The container calls
 * its listeners before (3), and waits for them, so a step of ours is over by then, or is not made.
 * Test: {@code whatTheContainerHasEndedIsLeftAlone}.
 */
final class OpenRequest implements AsyncListener {
  private final AsyncContext context;

  /** Guarded by this, under which each step is made: a listener waits for a write, not more. */
  private boolean over;

  private OpenRequest(AsyncContext context) {
    this.context = context;
  }

  /** Keeps {@code request} open for as long as it takes: what it waits for has a limit. */
  static OpenRequest of(HttpServletRequest request) {
    OpenRequest open = new OpenRequest(request.startAsync());
    open.context.setTimeout(0);
    open.context.addListener(open);
    return open;
  }

  /** Has the container dispatch it once more, unless it is over. */
  void dispatch() {
    unlessOver(context::dispatch);
  }

  /** Ends it, unless it is over. */
  void complete() {
    unlessOver(context::complete);
  }

  private synchronized void unlessOver(Runnable step) {
    if (!over) {
      try {
        step.run();
      } catch (IllegalStateException ended) {
        over = true; // By a container that told nobody.
      }
    }
  }

  /** Returns what writes to {@code out}, and fails once the request is over. */
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
    over = true;
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
    end(); // Whoever begins anew has a listener of its own.
  }
}
