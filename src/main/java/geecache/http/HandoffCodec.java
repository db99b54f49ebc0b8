package geecache.http;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The bodies by which a node that leaves hands its entries over, each one message in the encoding
 * of Protocol Buffers. {@code docs/protocol.md} has the messages.
 */
final class HandoffCodec {
  /** The most entries in one message. */
  static final int MOST_ENTRIES = 1_000;

  /** Past this many bytes of values a message takes no further entry. */
  static final int LONG_ENOUGH = 512 << 10;

  private static final int ENTRY = 1;
  private static final int ENTRY_KEY = 1;
  private static final int ENTRY_VALUE = 2;
  private static final int ENTRY_AGE_MILLIS = 3;
  private static final int ENTRY_LIFE_MILLIS = 4;
  private static final int ENTRY_REMOVED = 5;

  private static final int TAKEN = 1;
  private static final int REFUSED = 2;

  private HandoffCodec() {}

  /**
   * One entry.
   *
   * @param ageMillis the time since its load began; -1 for a value without an end
   * @param lifeMillis what remains until its end; -1 for a value without an end
   * @param removed the removals of its key that were carried out before the value was read
   */
  record Handed(
      String key, byte[] value, long ageMillis, long lifeMillis, List<Removal.Carried> removed) {}

  /** What became of the entries of one message. */
  record Taken(long taken, long refused) {}

  static byte[] entries(List<Handed> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(LONG_ENOUGH);
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    for (Handed entry : entries) {
      out.writeTag(ENTRY, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(size(entry));
      out.writeString(ENTRY_KEY, entry.key());
      out.writeByteArray(ENTRY_VALUE, entry.value());
      if (entry.lifeMillis() >= 0) {
        out.writeUInt64(ENTRY_AGE_MILLIS, entry.ageMillis());
        out.writeUInt64(ENTRY_LIFE_MILLIS, entry.lifeMillis());
      }
      for (Removal.Carried removal : entry.removed()) {
        BatchCodec.write(out, ENTRY_REMOVED, removal);
      }
    }
    out.flush();
    return bytes.toByteArray();
  }

  private static int size(Handed entry) {
    int size =
        CodedOutputStream.computeStringSize(ENTRY_KEY, entry.key())
            + CodedOutputStream.computeByteArraySize(ENTRY_VALUE, entry.value());
    if (entry.lifeMillis() >= 0) {
      size +=
          CodedOutputStream.computeUInt64Size(ENTRY_AGE_MILLIS, entry.ageMillis())
              + CodedOutputStream.computeUInt64Size(ENTRY_LIFE_MILLIS, entry.lifeMillis());
    }
    for (Removal.Carried removal : entry.removed()) {
      size += BatchCodec.messageSize(ENTRY_REMOVED, BatchCodec.size(removal));
    }
    return size;
  }

  /**
   * Reads entries.
   *
   * @throws IOException if they are malformed, or more than {@link #MOST_ENTRIES}
   */
  static List<Handed> readEntries(byte[] body) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(body);
    List<Handed> entries = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == ENTRY) {
        entries.add(readEntry(in));
      } else {
        in.skipField(tag);
      }
      if (entries.size() > MOST_ENTRIES) {
        throw new InvalidProtocolBufferException("more than " + MOST_ENTRIES + " entries");
      }
    }
    return entries;
  }

  private static Handed readEntry(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    String key = "";
    byte[] value = {};
    long age = -1;
    long life = -1;
    List<Removal.Carried> removed = new ArrayList<>(0);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case ENTRY_KEY -> key = in.readStringRequireUtf8();
        case ENTRY_VALUE -> value = in.readByteArray();
        case ENTRY_AGE_MILLIS -> age = in.readUInt64();
        case ENTRY_LIFE_MILLIS -> life = in.readUInt64();
        case ENTRY_REMOVED -> {
          removed.add(BatchCodec.readRemoval(in));
          if (removed.size() > BatchCodec.MOST_REMOVED) {
            throw new InvalidProtocolBufferException(
                "more than " + BatchCodec.MOST_REMOVED + " removals");
          }
        }
        default -> in.skipField(tag);
      }
    }
    in.popLimit(outer);
    boolean hasEnd = age >= 0 || life >= 0; // An encoder may leave out what is 0.
    return new Handed(
        key, value, hasEnd ? Math.max(0, age) : -1, hasEnd ? Math.max(0, life) : -1, removed);
  }

  static byte[] taken(Taken taken) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeUInt64(TAKEN, taken.taken());
    out.writeUInt64(REFUSED, taken.refused());
    out.flush();
    return bytes.toByteArray();
  }

  static Taken readTaken(byte[] body) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(body);
    long taken = 0;
    long refused = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case TAKEN -> taken = in.readUInt64();
        case REFUSED -> refused = in.readUInt64();
        default -> in.skipField(tag);
      }
    }
    return new Taken(taken, refused);
  }
}
