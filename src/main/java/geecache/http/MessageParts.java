package geecache.http;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import geecache.Stamp;
import geecache.cluster.Removal;
import geecache.cluster.VersionVector;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Messages that are parts of several others: stamps, removals, and the changes that a node knows.
 * Each is written with its tag and length, and read from its length on.
 */
final class MessageParts {
  private static final int STAMP_TIME = 1;
  private static final int STAMP_NODE = 2;

  private static final int REMOVAL_ORIGIN = 1;
  private static final int REMOVAL_NUMBER = 2;
  private static final int REMOVAL_GROUP = 3;
  private static final int REMOVAL_KEY = 4;
  private static final int REMOVAL_TIME = 5;
  private static final int REMOVAL_OF_SET = 6;

  private static final int KNOWN_ORIGIN = 1;
  private static final int ORIGIN_ID = 1;
  private static final int ORIGIN_UP_TO = 2;

  private MessageParts() {}

  /** Begins a part whose fields have so many bytes. The caller writes them next. */
  static void begin(CodedOutputStream out, int field, int size) throws IOException {
    out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt32NoTag(size);
  }

  /** Returns the bytes of a part whose fields have so many, with its tag and length. */
  static int wholeSize(int field, int size) {
    return CodedOutputStream.computeTagSize(field)
        + CodedOutputStream.computeUInt32SizeNoTag(size)
        + size;
  }

  /**
   * Refuses a list that has grown too long.
   *
   * @param what the elements, for the message
   */
  static void requireAtMost(int most, Collection<?> list, String what)
      throws InvalidProtocolBufferException {
    if (list.size() > most) {
      throw new InvalidProtocolBufferException("more than " + most + " " + what);
    }
  }

  /** Ends a part. One whose stream has ended before is malformed. */
  static void end(CodedInputStream in, int outer) throws InvalidProtocolBufferException {
    if (in.getBytesUntilLimit() > 0) {
      throw new InvalidProtocolBufferException("a part is longer than its message");
    }
    in.popLimit(outer);
  }

  static void write(CodedOutputStream out, int field, Stamp stamp) throws IOException {
    begin(out, field, fieldsSize(stamp));
    out.writeFixed64(STAMP_TIME, stamp.time());
    out.writeFixed64(STAMP_NODE, stamp.node());
  }

  /** Returns the bytes of a stamp, with its tag and length. */
  static int size(int field, Stamp stamp) {
    return wholeSize(field, fieldsSize(stamp));
  }

  private static int fieldsSize(Stamp stamp) {
    return CodedOutputStream.computeFixed64Size(STAMP_TIME, stamp.time())
        + CodedOutputStream.computeFixed64Size(STAMP_NODE, stamp.node());
  }

  static Stamp readStamp(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    Stamp stamp = readStampFields(in);
    end(in, outer);
    return stamp;
  }

  /** Reads a stamp that ends where {@code in} does. */
  static Stamp readStampFields(CodedInputStream in) throws IOException {
    long time = 0;
    long node = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case STAMP_TIME -> time = in.readFixed64();
        case STAMP_NODE -> node = in.readFixed64();
        default -> in.skipField(tag);
      }
    }
    return new Stamp(time, node);
  }

  static void write(CodedOutputStream out, int field, Removal removal) throws IOException {
    int size =
        CodedOutputStream.computeFixed64Size(REMOVAL_ORIGIN, removal.origin())
            + CodedOutputStream.computeUInt64Size(REMOVAL_NUMBER, removal.number())
            + CodedOutputStream.computeStringSize(REMOVAL_GROUP, removal.group())
            + CodedOutputStream.computeFixed64Size(REMOVAL_TIME, removal.time());
    if (removal.key() != null) {
      size += CodedOutputStream.computeStringSize(REMOVAL_KEY, removal.key());
    }
    if (removal.ofSet()) {
      size += CodedOutputStream.computeBoolSize(REMOVAL_OF_SET, true);
    }
    begin(out, field, size);
    out.writeFixed64(REMOVAL_ORIGIN, removal.origin());
    out.writeUInt64(REMOVAL_NUMBER, removal.number());
    out.writeString(REMOVAL_GROUP, removal.group());
    if (removal.key() != null) {
      out.writeString(REMOVAL_KEY, removal.key());
    }
    out.writeFixed64(REMOVAL_TIME, removal.time());
    if (removal.ofSet()) {
      out.writeBool(REMOVAL_OF_SET, true);
    }
  }

  static Removal readRemoval(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    long origin = 0;
    long number = 0;
    String group = "";
    String key = null;
    long time = 0;
    boolean ofSet = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case REMOVAL_ORIGIN -> origin = in.readFixed64();
        case REMOVAL_NUMBER -> number = in.readUInt64();
        case REMOVAL_GROUP -> group = in.readStringRequireUtf8();
        case REMOVAL_KEY -> key = in.readStringRequireUtf8();
        case REMOVAL_TIME -> time = in.readFixed64();
        case REMOVAL_OF_SET -> ofSet = in.readBool();
        default -> in.skipField(tag);
      }
    }
    end(in, outer);
    return new Removal(origin, number, time, group, key, ofSet);
  }

  /**
   * Writes what a node knows, of at most {@link VersionVector#MOST_ORIGINS} origins. A node that
   * says less than it knows is told some changes again, and is trusted with less.
   */
  static void write(CodedOutputStream out, int field, VersionVector known) throws IOException {
    begin(out, field, fieldsSize(known));
    for (Map.Entry<Long, Long> origin : known.atMost(VersionVector.MOST_ORIGINS)) {
      begin(out, KNOWN_ORIGIN, fieldsSize(origin));
      out.writeFixed64(ORIGIN_ID, origin.getKey());
      out.writeUInt64(ORIGIN_UP_TO, origin.getValue());
    }
  }

  /** Returns the bytes of what a node knows, with its tag and length. */
  static int size(int field, VersionVector known) {
    return wholeSize(field, fieldsSize(known));
  }

  private static int fieldsSize(VersionVector known) {
    return known.atMost(VersionVector.MOST_ORIGINS).stream()
        .mapToInt(origin -> wholeSize(KNOWN_ORIGIN, fieldsSize(origin)))
        .sum();
  }

  private static int fieldsSize(Map.Entry<Long, Long> origin) {
    return CodedOutputStream.computeFixed64Size(ORIGIN_ID, origin.getKey())
        + CodedOutputStream.computeUInt64Size(ORIGIN_UP_TO, origin.getValue());
  }

  /**
   * Reads what a node knows.
   *
   * @throws IOException if it is malformed, or of more than {@link VersionVector#MOST_ORIGINS}
   */
  static VersionVector readKnown(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    VersionVector known = readKnownFields(in);
    end(in, outer);
    return known;
  }

  /** As {@link #readKnown}, of what ends where {@code in} does. */
  static VersionVector readKnownFields(CodedInputStream in) throws IOException {
    Map<Long, Long> upTo = new HashMap<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == KNOWN_ORIGIN) {
        readOrigin(in, upTo);
        requireAtMost(VersionVector.MOST_ORIGINS, upTo.keySet(), "origins");
      } else {
        in.skipField(tag);
      }
    }
    return new VersionVector(upTo);
  }

  private static void readOrigin(CodedInputStream in, Map<Long, Long> upTo) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    long id = 0;
    long number = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case ORIGIN_ID -> id = in.readFixed64();
        case ORIGIN_UP_TO -> number = in.readUInt64();
        default -> in.skipField(tag);
      }
    }
    end(in, outer);
    upTo.put(id, number);
  }
}
