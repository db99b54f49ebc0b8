package geecache.http;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import geecache.Stamp;
import geecache.cluster.HandedEntries;
import geecache.cluster.HandedEntry;
import geecache.cluster.HandoverResult;
import geecache.cluster.VersionVector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bodies with which a leaving node hands its entries over, each one message in the encoding of
 * Protocol Buffers. {@code docs/protocol.md} has the messages.
 */
final class HandoffCodec {
  private static final int ENTRY = 1;
  private static final int KNOWN = 2;

  private static final int ENTRY_KEY = 1;
  private static final int ENTRY_VALUE = 2;
  private static final int ENTRY_AGE_MILLIS = 3;
  private static final int ENTRY_LIFE_MILLIS = 4;
  private static final int ENTRY_STAMP = 6;

  private static final int TAKEN = 1;
  private static final int REFUSED = 2;

  private HandoffCodec() {}

  static byte[] entries(HandedEntries handed) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(HandedEntry.LONG_ENOUGH);
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    MessageParts.write(out, KNOWN, handed.known());
    for (HandedEntry entry : handed.entries()) {
      MessageParts.begin(out, ENTRY, size(entry));
      out.writeString(ENTRY_KEY, entry.key());
      out.writeByteArray(ENTRY_VALUE, entry.value());
      if (entry.lifeMillis() >= 0) {
        out.writeUInt64(ENTRY_AGE_MILLIS, entry.ageMillis());
        out.writeUInt64(ENTRY_LIFE_MILLIS, entry.lifeMillis());
      }
      if (entry.change() != null) {
        MessageParts.write(out, ENTRY_STAMP, entry.change());
      }
    }
    out.flush();
    return bytes.toByteArray();
  }

  private static int size(HandedEntry entry) {
    int size =
        CodedOutputStream.computeStringSize(ENTRY_KEY, entry.key())
            + CodedOutputStream.computeByteArraySize(ENTRY_VALUE, entry.value());
    if (entry.lifeMillis() >= 0) {
      size +=
          CodedOutputStream.computeUInt64Size(ENTRY_AGE_MILLIS, entry.ageMillis())
              + CodedOutputStream.computeUInt64Size(ENTRY_LIFE_MILLIS, entry.lifeMillis());
    }
    if (entry.change() != null) {
      size += MessageParts.size(ENTRY_STAMP, entry.change());
    }
    return size;
  }

  /**
   * Reads entries.
   *
   * @return null if they come from a node of version 1, which cannot say what it knows
   * @throws IOException if they are malformed, or more than {@link HandedEntry#MOST_IN_A_MESSAGE}
   */
  static @Nullable HandedEntries readEntries(byte[] body) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(body);
    VersionVector known = null;
    List<HandedEntry> entries = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case ENTRY -> entries.add(readEntry(in));
        case KNOWN -> known = MessageParts.readKnown(in);
        default -> in.skipField(tag);
      }
      MessageParts.requireAtMost(HandedEntry.MOST_IN_A_MESSAGE, entries, "entries");
    }
    return known == null ? null : new HandedEntries(known, entries);
  }

  private static HandedEntry readEntry(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    String key = "";
    byte[] value = {};
    long age = -1;
    long life = -1;
    Stamp change = null;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case ENTRY_KEY -> key = in.readStringRequireUtf8();
        case ENTRY_VALUE -> value = in.readByteArray();
        case ENTRY_AGE_MILLIS -> age = in.readUInt64();
        case ENTRY_LIFE_MILLIS -> life = in.readUInt64();
        case ENTRY_STAMP -> change = MessageParts.readStamp(in);
        default -> in.skipField(tag);
      }
    }
    in.popLimit(outer);
    boolean hasEnd = age >= 0 || life >= 0; // An encoder may leave out a field that is 0.
    return new HandedEntry(
        key, value, hasEnd ? Math.max(0, age) : -1, hasEnd ? Math.max(0, life) : -1, change);
  }

  static byte[] taken(HandoverResult taken) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeUInt64(TAKEN, taken.taken());
    out.writeUInt64(REFUSED, taken.refused());
    out.flush();
    return bytes.toByteArray();
  }

  static HandoverResult readTaken(byte[] body) throws IOException {
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
    return new HandoverResult(taken, refused);
  }
}
