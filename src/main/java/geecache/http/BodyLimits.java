package geecache.http;

import geecache.Ticker;
import geecache.http.Reply.Status;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the bodies of requests that this node reads: how many at once, since each holds a thread
 * of the container; their bytes together, since they are in the heap until they are understood; and
 * the time for each. Without a secret any stranger can send bodies, and hold them back; so what
 * says that it is a node has bounds of its own, which those who do not say so take nothing of. Safe
 * for use by many threads.
 */
final class BodyLimits {
  /** Ends a request whose body breaks a bound. */
  static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    final transient Reply reply;

    private Refused(Reply reply) {
      super("the body breaks a bound");
      this.reply = reply;
    }
  }

  private final int maxBodies;
  private final long maxBytes;
  private final Duration timeout;
  private final Ticker ticker;
  private final Runnable whenRefused;
  private final AtomicInteger bodies = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  /**
   * Reads nothing yet.
   *
   * @param whenRefused run for each request that is refused
   */
  BodyLimits(PeerOptions options, Ticker ticker, Runnable whenRefused) {
    this.maxBodies = options.maxBodies();
    this.maxBytes = options.maxBodyBytes();
    this.timeout = options.bodyTimeout();
    this.ticker = ticker;
    this.whenRefused = whenRefused;
  }

  /** Returns the bounds for one request, which counts from when its body is opened. */
  Share share() {
    return new Share();
  }

  /** The part of one request, until it is closed. For one thread. */
  final class Share implements AutoCloseable {
    private boolean reads;
    private long read;

    private Share() {}

    /** Returns {@code body} with the bounds. Its stream fails with {@link Refused} past one. */
    Request.Content limited(Request.Content body) {
      return () -> {
        if (bodies.incrementAndGet() > maxBodies) {
          bodies.decrementAndGet();
          throw overloaded("%d bodies of requests are being read".formatted(maxBodies));
        }
        reads = true;
        return new Limited(body.open(), ticker.nanos() + timeout.toNanos());
      };
    }

    /** A body that is alone may be of any length: its request has a bound of its own. */
    private void count(int more, long end) throws Refused {
      read += more;
      long all = bytes.addAndGet(more);
      if (all > maxBytes && all > read) {
        throw overloaded("bodies of requests take %d bytes".formatted(maxBytes));
      }
      if (ticker.nanos() - end > 0) {
        whenRefused.run();
        throw new Refused(
            Reply.error(
                400,
                Status.BAD_REQUEST,
                "the body did not come within " + timeout.toMillis() + " ms"));
      }
    }

    private Refused overloaded(String why) {
      whenRefused.run();
      return new Refused(ReplyFactory.overloaded("overloaded: " + why));
    }

    /** Counts the body no more. */
    @Override
    public void close() {
      bytes.addAndGet(-read);
      if (reads) {
        bodies.decrementAndGet();
      }
    }

    private final class Limited extends FilterInputStream {
      private final long end;

      Limited(InputStream body, long end) {
        super(body);
        this.end = end;
      }

      @Override
      public int read() throws IOException {
        int octet = in.read();
        count(octet < 0 ? 0 : 1, end);
        return octet;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        int more = in.read(into, offset, length);
        count(Math.max(0, more), end);
        return more;
      }
    }
  }
}
