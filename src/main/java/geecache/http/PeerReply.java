package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.ByteView;
import geecache.LoadException;
import geecache.OwnedBytes;
import geecache.cluster.LinkFailure;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * The head of a peer's answer. It is verified to come from a node and to belong to its request,
 * except for Go nodes.
 *
 * @param node the id of the node that answered; 0 for a Go node
 * @param status the value of {@link Reply#STATUS_HEADER}; empty for a Go node
 * @param headers its other headers
 * @param body the answer's body, read as it comes
 * @param progress run for each part of the body that has come
 */
record PeerReply(
    long node, int code, String status, Headers headers, InputStream body, Runnable progress) {
  /** The part of a body that counts as progress. */
  private static final int PIECE = 64 << 10;

  private static final int LONGEST_MESSAGE = 64 << 10;

  /** The headers of an answer. */
  interface Headers {
    /** Returns the value of a header, or null. */
    @Nullable String get(String name);
  }

  /**
   * Returns the failure of one key, whose value is longer than this node takes: the peer is well,
   * and its other keys are answered.
   */
  static LoadException tooLong(long length, int limit) {
    return new LoadException(
        "value is too large: %d bytes on the node that owns the key, at most %d here"
            .formatted(length, limit));
  }

  /** Returns the body as a stream that notes progress for each piece. */
  InputStream stream() {
    return new FilterInputStream(body) {
      private long sinceProgress;

      @Override
      public int read() throws IOException {
        int octet = super.read();
        note(octet < 0 ? 0 : 1);
        return octet;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = super.read(bytes, offset, length);
        note(count);
        return count;
      }

      @Override
      public long skip(long count) throws IOException {
        long skipped = super.skip(count);
        note(skipped);
        return skipped;
      }

      private void note(long count) {
        sinceProgress += Math.max(0, count);
        if (sinceProgress >= PIECE) {
          sinceProgress = 0;
          progress.run();
        }
      }
    };
  }

  /** Reads the whole body as the message of a failure, which is one line. */
  String message() throws IOException {
    return new String(bytes(LONGEST_MESSAGE), UTF_8).stripTrailing();
  }

  /** Returns the length of the body as it was announced; -1 if it was not. */
  long length() {
    String announced = headers.get("Content-Length");
    try {
      return announced == null ? -1 : Long.parseLong(announced.strip());
    } catch (NumberFormatException malformed) {
      return -1;
    }
  }

  /**
   * Reads the whole body as a value. If its length was announced, it is read into its own array,
   * which grows with what comes: {@link ByteView#read}.
   */
  ByteView value(int limit) throws IOException {
    long length = length();
    if (length < 0 || length > limit) {
      return OwnedBytes.view(bytes(limit));
    }
    InputStream all = stream();
    ByteView value = ByteView.read(all, (int) length);
    requireEnd(all, limit);
    return value;
  }

  private static void requireEnd(InputStream all, int limit) throws IOException {
    if (all.read() >= 0) {
      throw LinkFailure.silent("its answer has more than " + limit + " bytes", null);
    }
  }

  /** Reads the whole body, of at most {@code limit} bytes. */
  byte[] bytes(int limit) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int left = limit; left > 0; ) {
      byte[] piece = body.readNBytes(Math.min(left, PIECE));
      if (piece.length == 0) {
        return all.toByteArray();
      }
      all.writeBytes(piece);
      left -= piece.length;
      progress.run();
    }
    requireEnd(body, limit);
    return all.toByteArray();
  }
}
