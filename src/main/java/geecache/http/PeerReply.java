package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.cluster.LinkFailure;
import java.io.ByteArrayOutputStream;
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

  /** Reads the whole body as the message of a failure, which is one line. */
  String message() throws IOException {
    return new String(bytes(LONGEST_MESSAGE), UTF_8).stripTrailing();
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
    if (body.read() >= 0) {
      throw LinkFailure.silent("its answer has more than " + limit + " bytes", null);
    }
    return all.toByteArray();
  }
}
