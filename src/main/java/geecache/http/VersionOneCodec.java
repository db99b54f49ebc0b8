package geecache.http;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import geecache.cluster.Changes;
import geecache.cluster.Removal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of a change as nodes of version 1 tell it, one message in the encoding of Protocol
 * Buffers. {@code docs/protocol.md} has the message.
 */
final class VersionOneCodec {
  private static final int REMOVED = 1;
  private static final int VALUE = 2;
  private static final int LIFE_MILLIS = 3;

  private VersionOneCodec() {}

  /**
   * A change.
   *
   * @param removed all of one group
   * @param value stored under the one key removed; null for none
   * @param lifeMillis the value's time to live; -1 for that of the group
   */
  record Change(List<Removal> removed, byte @Nullable [] value, long lifeMillis) {}

  /** Writes removals of one group. This node has no value stored by a node of version 1. */
  static byte[] change(List<Removal> removed) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    for (Removal removal : removed) {
      MessageParts.write(out, REMOVED, removal);
    }
    out.flush();
    return bytes.toByteArray();
  }

  /**
   * Reads a change.
   *
   * @throws IOException if it is malformed, or has more than {@link Changes#MOST_REMOVALS}
   */
  static Change readChange(byte[] body) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(body);
    List<Removal> removed = new ArrayList<>();
    byte[] value = null;
    long life = -1;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case REMOVED -> removed.add(MessageParts.readRemoval(in));
        case VALUE -> value = in.readByteArray();
        case LIFE_MILLIS -> life = in.readUInt64();
        default -> in.skipField(tag);
      }
      MessageParts.requireAtMost(Changes.MOST_REMOVALS, removed, "removals");
    }
    if (value != null && (removed.size() != 1 || removed.get(0).key() == null)) {
      throw new InvalidProtocolBufferException("a value needs one key");
    }
    return new Change(removed, value, life);
  }
}
