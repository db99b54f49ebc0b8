package geecache.http;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * The head of a peer's answer, which is known to come from a node and to belong to its request.
 *
 * @param node the id of the node that answered
 * @param status the value of {@link Reply#STATUS_HEADER}
 * @param headers its other headers
 * @param body the answer's body, read as it comes
 */
record PeerReply(long node, int code, String status, Headers headers, InputStream body) {
  /** The headers of an answer. */
  interface Headers {
    /** Returns the value of a header, or null. */
    @Nullable String get(String name);
  }

  /** Reads the whole body, of at most {@code limit} bytes. */
  byte[] bytes(int limit) throws IOException {
    byte[] bytes = body.readNBytes(limit);
    if (bytes.length == limit && body.read() >= 0) {
      throw PeerFailure.silent("its answer has more than " + limit + " bytes", null);
    }
    return bytes;
  }
}
