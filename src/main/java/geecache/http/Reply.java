package geecache.http;

import geecache.ByteView;
import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer to a request, ready to be written.
 *
 * @param code the HTTP status code
 * @param headers by name, {@code Content-Length} left out; unmodifiable
 * @param body not written in reply to {@code HEAD}
 * @param rest what is written after the body, or in its place; mostly null
 */
public record Reply(int code, Map<String, String> headers, ByteView body, @Nullable Rest rest) {
  /** What is written after the body, or in its place. */
  public sealed interface Rest permits Whole, Later {}

  /**
   * In place of the body, which is empty: an answer that is all there, and is written from where it
   * lies instead of from a copy.
   */
  public non-sealed interface Whole extends Rest {
    /** Returns the number of bytes of all parts. */
    long length();

    /** Returns the parts. Each is made when it is asked for. */
    Iterator<ByteView> parts();

    /** Returns a copy of all parts in one. */
    ByteView inOne();

    /** Returns the values that some of the parts are. */
    List<ByteView> values();
  }

  /**
   * What comes piece by piece, after the body was written and flushed. Callers must call exactly
   * one of the methods, once.
   */
  public non-sealed interface Later extends Rest {
    /**
     * Writes it on another thread, and flushes each piece.
     *
     * @param whenOver runs on that thread at the end, even if {@code body} fails
     * @throws java.util.concurrent.RejectedExecutionException if the node is closed, or has no
     *     thread; the rest is given up then
     */
    void start(OutputStream body, Runnable whenOver);

    /** Writes it on this thread. Blocks until all is written. */
    void writeTo(OutputStream body) throws IOException;

    /** Gives it up, because the body could not be written. */
    void abandon();
  }

  /**
   * The header of every answer of a node. Answers of containers and proxies do not have it. Its
   * values are those of {@link Status}.
   */
  public static final String STATUS_HEADER = "Geecache-Status";

  /** The meaning of an answer; on the wire the value of {@link #STATUS_HEADER}. */
  public enum Status {
    /** The body is the value; with {@code 304} the client has the value. */
    OK("ok"),
    /** The request breaks a rule; the body says which. */
    BAD_REQUEST("bad-request"),
    /** This node has no group of that name. */
    NO_SUCH_GROUP("no-such-group"),
    /** The source says that it has no such key. */
    NO_SUCH_KEY("no-such-key"),
    /** The source failed. */
    LOAD_FAILED("load-failed"),
    /** The load, or the wait for it, ran out of time. */
    LOAD_TIMEOUT("load-timeout"),
    /** Too many loads are waiting. */
    OVERLOADED("overloaded"),
    /** The key is loading: ask again. Sent only to nodes that asked for this. */
    PENDING("pending"),
    /** A caller of the asking node is to load the key. Sent only to nodes that can. */
    LEASED("leased"),
    /** Nobody has filled the key, and the group has no getter. Sent only to nodes that can load. */
    UNFILLED("unfilled"),
    /** The key is not in memory, and the request was for memory alone. */
    NOT_CACHED("not-cached"),
    /** The node has missed changes that the asking node requires it to know. */
    BEHIND("behind"),
    /** The node is being closed. */
    CLOSED("closed"),
    /** The secret is missing or wrong. */
    UNAUTHORIZED("unauthorized"),
    /** No secret is set: nothing may be changed. */
    FORBIDDEN("forbidden"),
    /** This node does not know the type of the body. */
    UNSUPPORTED("unsupported"),
    /**
     * A change is in effect on all nodes except those that the body names: they could not be told.
     */
    NOT_REACHED("not-reached"),
    /** As above, but all the nodes that the body names have answered, and refused the change. */
    REFUSED("refused"),
    /** The node runs, but should get no requests now. */
    NOT_READY("not-ready"),
    /** The method is not one of those in {@code Allow}. */
    METHOD_NOT_ALLOWED("method-not-allowed"),
    /** An internal error of the node; it is logged under the id in the body. */
    INTERNAL_ERROR("internal-error");

    private final String token;

    Status(String token) {
      this.token = token;
    }

    /** Returns the status as it is on the wire. */
    public String token() {
      return token;
    }
  }

  /** Peers accept 64 KiB of a message, and an escaped character has up to six bytes. */
  private static final int LONGEST_MESSAGE = 8 << 10;

  /** Keeps a copy of the headers. */
  public Reply {
    headers = ReplyHeaders.copyOf(headers);
  }

  /** Returns a failure, its message as one line of plain text. A very long message is cut. */
  public static Reply error(int code, Status status, String message) {
    return line(code, status, truncated(message));
  }

  /** Returns one line of plain text, as Go's {@code http.Error} writes it. */
  static Reply line(int code, Status status, String text) {
    return new Reply(
        code,
        ReplyHeaders.of(
            "Content-Type",
            "text/plain; charset=utf-8",
            "X-Content-Type-Options",
            "nosniff",
            "Cache-Control",
            "no-store",
            STATUS_HEADER,
            status.token()),
        ByteView.of(ControlCharacters.escape(text) + "\n"),
        null);
  }

  /** Returns the message of a failure, cut if it is very long. */
  static String truncated(String message) {
    return message.length() <= LONGEST_MESSAGE
        ? message
        : message.substring(0, LONGEST_MESSAGE) + "...";
  }

  /**
   * Forbids what is in between to change the body, for example to compress it (RFC 9111, section
   * 5.2.2.6).
   */
  Reply notToBeTransformed() {
    String before = headers.get("Cache-Control");
    if (before == null) {
      return with("Cache-Control", "no-transform");
    }
    Map<String, String> changed = new LinkedHashMap<>(headers);
    changed.put("Cache-Control", before + ", no-transform");
    return new Reply(code, changed, body, rest);
  }

  /** Returns the {@code Content-Length}; -1 if more comes later than is there. */
  public long length() {
    if (rest instanceof Later) {
      return -1;
    }
    return rest instanceof Whole whole ? whole.length() : body.length();
  }

  /** Returns what this holds in the heap. */
  public List<ByteView> values() {
    return rest instanceof Whole whole ? whole.values() : List.of(body);
  }

  /** Returns all that is there, in parts. */
  public Iterator<ByteView> parts() {
    return rest instanceof Whole whole ? whole.parts() : List.of(body).iterator();
  }

  /** Returns all that is there, in one. */
  public ByteView inOne() {
    return rest instanceof Whole whole ? whole.inOne() : body;
  }

  Reply with(String header, String value) {
    return new Reply(code, ReplyHeaders.copyOf(headers).with(header, value), body, rest);
  }
}
