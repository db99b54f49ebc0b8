package geecache.http;

import geecache.ByteView;
import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer, ready to be written as it stands.
 *
 * @param code the HTTP status code
 * @param headers by name, {@code Content-Length} left out; unmodifiable
 * @param body its length is the {@code Content-Length}, unless there is a rest; not written in
 *     answer to {@code HEAD}
 * @param rest what follows the body later; null for most
 */
public record Reply(int code, Map<String, String> headers, ByteView body, @Nullable Rest rest) {
  /**
   * The rest of an answer that comes bit by bit, after its body was written and flushed. Exactly
   * one of its methods is to be called, once.
   */
  public interface Rest {
    /**
     * Writes it on another thread, and flushes whenever something is there.
     *
     * @param whenOver is run on that thread at last, also when {@code body} fails
     * @throws java.util.concurrent.RejectedExecutionException if the node is closed, or has no
     *     thread; it is given up then
     */
    void start(OutputStream body, Runnable whenOver);

    /** Writes it on this thread, and blocks until all was written. */
    void writeTo(OutputStream body) throws IOException;

    /** Gives it up, where what comes before it could not be written. */
    void abandon();
  }

  /**
   * The header that every answer of a node carries, and no answer of a container or proxy. Its
   * values are those of {@link Status}.
   */
  public static final String STATUS_HEADER = "Geecache-Status";

  /** What an answer means; on the wire the value of {@link #STATUS_HEADER}. */
  public enum Status {
    /** The body is the value, or with a {@code 304} the client has it. */
    OK("ok"),
    /** The request breaks a rule, which the body names. */
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
    /** The key is loading, and is to be asked for again: to nodes only, who ask for this. */
    PENDING("pending"),
    /** The key is not in memory, and was to be asked for nowhere else. */
    NOT_CACHED("not-cached"),
    /** The node is being closed. */
    CLOSED("closed"),
    /** The secret is missing or wrong. */
    UNAUTHORIZED("unauthorized"),
    /** No secret is set, without which nothing may be changed. */
    FORBIDDEN("forbidden"),
    /** The body is in no form that this node knows. */
    UNSUPPORTED("unsupported"),
    /** A change holds on all nodes but those in the body, which could not be told. */
    NOT_REACHED("not-reached"),
    /** The node is there, and should not be sent requests now. */
    NOT_READY("not-ready"),
    /** Not one of the methods in {@code Allow}. */
    METHOD_NOT_ALLOWED("method-not-allowed"),
    /** A fault of the node's own; the log has it under the id in the body. */
    INTERNAL_ERROR("internal-error");

    private final String token;

    Status(String token) {
      this.token = token;
    }

    /** Returns how it is written on the wire. */
    public String token() {
      return token;
    }
  }

  /** Peers take 64 KiB of a message, in which a character has up to six bytes once escaped. */
  private static final int LONGEST_MESSAGE = 8 << 10;

  /** Keeps a copy of the headers. */
  public Reply {
    headers = ReplyHeaders.copyOf(headers);
  }

  /** A failure, of whose message as much is told as may be. */
  static Reply error(int code, Status status, String message) {
    return line(code, status, truncated(message));
  }

  /** One line of plain text, as Go's {@code http.Error} writes it. */
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

  /** Returns as much of a failure's message as others are told. */
  static String truncated(String message) {
    return message.length() <= LONGEST_MESSAGE
        ? message
        : message.substring(0, LONGEST_MESSAGE) + "...";
  }

  Reply with(String header, String value) {
    return new Reply(code, ReplyHeaders.copyOf(headers).with(header, value), body, rest);
  }
}
