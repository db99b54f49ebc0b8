package geecache.http;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import geecache.ByteView;
import geecache.Stamp;
import geecache.cluster.KeyRead;
import geecache.cluster.Removal;
import geecache.cluster.VersionVector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of a request for many keys and of its answer, in the encoding of Protocol Buffers. The
 * request is one message. The answer is a sequence of {@link Frame}s, each after its length, and is
 * read by {@link FrameReader}. {@code docs/protocol.md} has the messages.
 */
final class BatchCodec {
  /** The type and version of both bodies. */
  static final String CONTENT_TYPE = "application/vnd.geecache.batch.v1+protobuf";

  /** The most keys in one request. */
  static final int MOST_KEYS = 1024;

  /** The longest request, in bytes: more than {@link #MOST_KEYS} of the longest keys take. */
  static final int LONGEST_REQUEST = 4 << 20;

  private static final int WAIT = 1;
  private static final int ASK = 2;
  private static final int REQUIRED = 4;
  private static final int ASK_KEY = 1;
  private static final int ASK_REMOVED = 2;
  private static final int ASK_ONLY_IF_CACHED = 3;
  private static final int ASK_CAN_LOAD = 5;
  private static final int ASK_COPY_HITS = 6;
  private static final int ASK_LEFT_MILLIS = 7;
  private static final int ASK_CALLERS = 8;
  private static final int REMOVED_ORIGIN = 1;
  private static final int REMOVED_NUMBER = 2;
  private static final int REMOVED_EVERYTHING = 3;
  private static final int REMOVED_TIME = 4;
  private static final int REMOVED_OF_SET = 5;

  static final int INDEX = 1;
  static final int KIND = 2;
  static final int BYTES = 3;
  static final int AGE_MILLIS = 4;
  static final int LIFE_MILLIS = 5;
  static final int STAMP = 6;
  static final int KNOWN = 7;
  static final int LEASE = 8;
  static final int ENDLESS = 12;
  static final int QUEUED = 13;
  static final int RATE = 14;

  private BatchCodec() {}

  /**
   * A request.
   *
   * @param mayWait whether the answer may stay open for keys that are loading
   * @param keys frames name each key by its index here
   * @param required the changes that the node must know to answer
   */
  record BatchRead(boolean mayWait, List<KeyRead> keys, VersionVector required) {}

  /**
   * What a frame says about its key, or about the whole answer. The codes are those on the wire.
   */
  enum Kind {
    VALUE(1),
    STALE_VALUE(2),
    NO_SUCH_KEY(3),
    LOAD_FAILED(4),
    LOAD_TIMEOUT(5),
    OVERLOADED(6),
    /** The key is loading: ask again. */
    PENDING(7),
    BAD_KEY(8),
    INTERNAL_ERROR(9),
    /** The key is not in memory, and the request was for memory alone. */
    NOT_CACHED(10),
    /** The node is being closed. */
    CLOSED(11),
    /** A caller of the asking node is to load the key. */
    LEASED(12),
    /** Nobody loads the key here, and the group has no getter. */
    UNFILLED(13),
    /** The keys without an answer are loading, and come later in this answer. */
    REST_PENDING(14),
    KEEP_ALIVE(15);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    private static final Kind[] ALL = values();

    static @Nullable Kind of(int code) {
      for (Kind kind : ALL) {
        if (kind.code == code) {
          return kind;
        }
      }
      return null;
    }
  }

  /**
   * One frame of an answer.
   *
   * @param index of the key in the request; 0 if the frame is about no key
   * @param bytes the value, or the message of a failure
   * @param ageMillis the time since the value's load began; -1 for a value that does not expire
   * @param lifeMillis the remaining time to live, 0 for a value that has expired; -1 for one that
   *     does not expire
   * @param endless whether the value itself does not expire, and {@code lifeMillis} is the time for
   *     which the node serves it
   * @param queued whether the load of a pending key waits for a place
   * @param change the stamp of the set that stored the value; null if it was loaded
   * @param known the changes that the node knew before it read values from memory; only in the
   *     first frame, and null if the request does not want it
   * @param rate how often callers of other nodes asked for the value in a minute; 0 if rarely
   * @param lease the number of the lease; 0 if none is given
   */
  record Frame(
      int index,
      Kind kind,
      ByteView bytes,
      long ageMillis,
      long lifeMillis,
      boolean endless,
      boolean queued,
      @Nullable Stamp change,
      @Nullable VersionVector known,
      int rate,
      long lease) {
    static final ByteView NO_BYTES = ByteView.of("");

    /** A frame that gives no lease. */
    Frame(
        int index,
        Kind kind,
        ByteView bytes,
        long ageMillis,
        long lifeMillis,
        boolean endless,
        boolean queued,
        @Nullable Stamp change,
        @Nullable VersionVector known,
        int rate) {
      this(index, kind, bytes, ageMillis, lifeMillis, endless, queued, change, known, rate, 0);
    }

    static Frame of(int index, Kind kind, ByteView bytes) {
      return new Frame(index, kind, bytes, -1, -1, false, false, null, null, 0, 0);
    }

    static Frame pending(int index, boolean queued) {
      return new Frame(index, Kind.PENDING, NO_BYTES, -1, -1, false, queued, null, null, 0, 0);
    }

    static Frame leased(int index, long number) {
      return new Frame(index, Kind.LEASED, NO_BYTES, -1, -1, false, false, null, null, 0, number);
    }

    static Frame of(int index, Kind kind) {
      return of(index, kind, NO_BYTES);
    }

    Frame knowing(VersionVector changes) {
      return new Frame(
          index, kind, bytes, ageMillis, lifeMillis, endless, queued, change, changes, rate, lease);
    }

    private boolean hasEnd() {
      return ageMillis >= 0;
    }
  }

  static byte[] request(BatchRead asked) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(64 + 32 * asked.keys().size());
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeBool(WAIT, asked.mayWait());
    if (!asked.required().upTo().isEmpty()) {
      MessageParts.write(out, REQUIRED, asked.required());
    }
    for (KeyRead ask : asked.keys()) {
      int size = CodedOutputStream.computeStringSize(ASK_KEY, ask.key());
      for (Removal.Named removal : ask.removed()) {
        size += MessageParts.wholeSize(ASK_REMOVED, size(removal));
      }
      if (ask.onlyIfCached()) {
        size += CodedOutputStream.computeBoolSize(ASK_ONLY_IF_CACHED, true);
      }
      if (ask.left() != null) {
        size += CodedOutputStream.computeUInt64Size(ASK_LEFT_MILLIS, ask.left().toMillis());
      }
      if (ask.callers() > 1) {
        size += CodedOutputStream.computeUInt32Size(ASK_CALLERS, ask.callers());
      }
      if (ask.copyHits() > 0) {
        size += CodedOutputStream.computeUInt32Size(ASK_COPY_HITS, ask.copyHits());
      }
      if (ask.canLoad()) {
        size += CodedOutputStream.computeBoolSize(ASK_CAN_LOAD, true);
      }
      MessageParts.begin(out, ASK, size);
      out.writeString(ASK_KEY, ask.key());
      for (Removal.Named removal : ask.removed()) {
        write(out, removal);
      }
      if (ask.onlyIfCached()) {
        out.writeBool(ASK_ONLY_IF_CACHED, true);
      }
      if (ask.left() != null) {
        out.writeUInt64(ASK_LEFT_MILLIS, ask.left().toMillis());
      }
      if (ask.callers() > 1) {
        out.writeUInt32(ASK_CALLERS, ask.callers());
      }
      if (ask.copyHits() > 0) {
        out.writeUInt32(ASK_COPY_HITS, ask.copyHits());
      }
      if (ask.canLoad()) {
        out.writeBool(ASK_CAN_LOAD, true);
      }
    }
    out.flush();
    return bytes.toByteArray();
  }

  private static int size(Removal.Named removal) {
    return CodedOutputStream.computeFixed64Size(REMOVED_ORIGIN, removal.id().origin())
        + CodedOutputStream.computeUInt64Size(REMOVED_NUMBER, removal.id().number())
        + CodedOutputStream.computeBoolSize(REMOVED_EVERYTHING, removal.everything())
        + CodedOutputStream.computeFixed64Size(REMOVED_TIME, removal.time())
        + (removal.ofSet() ? CodedOutputStream.computeBoolSize(REMOVED_OF_SET, true) : 0);
  }

  private static void write(CodedOutputStream out, Removal.Named removal) throws IOException {
    MessageParts.begin(out, ASK_REMOVED, size(removal));
    out.writeFixed64(REMOVED_ORIGIN, removal.id().origin());
    out.writeUInt64(REMOVED_NUMBER, removal.id().number());
    out.writeBool(REMOVED_EVERYTHING, removal.everything());
    out.writeFixed64(REMOVED_TIME, removal.time());
    if (removal.ofSet()) {
      out.writeBool(REMOVED_OF_SET, true);
    }
  }

  /**
   * Reads a request, and no more of it than the first key past {@link #MOST_KEYS}.
   *
   * @throws InvalidProtocolBufferException if it is malformed, or asks for more
   * @throws IOException of {@code body}
   */
  static BatchRead readRequest(InputStream body) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(body);
    boolean mayWait = false;
    List<KeyRead> keys = new ArrayList<>();
    VersionVector required = VersionVector.EMPTY;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case WAIT -> mayWait = in.readBool();
        case ASK -> keys.add(readAsk(in));
        case REQUIRED -> required = MessageParts.readKnown(in);
        default -> in.skipField(tag);
      }
      MessageParts.requireAtMost(MOST_KEYS, keys, "keys");
    }
    return new BatchRead(mayWait, keys, required);
  }

  private static KeyRead readAsk(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    String key = "";
    List<Removal.Named> removed = List.of();
    boolean onlyIfCached = false;
    Duration left = null;
    int callers = 1;
    int copyHits = 0;
    boolean canLoad = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case ASK_KEY -> key = in.readStringRequireUtf8();
        case ASK_REMOVED -> {
          removed = removed.isEmpty() ? new ArrayList<>(1) : removed;
          removed.add(readRemoval(in));
          MessageParts.requireAtMost(Removal.MOST_NAMED, removed, "removals");
        }
        case ASK_ONLY_IF_CACHED -> onlyIfCached = in.readBool();
        case ASK_LEFT_MILLIS -> left = PeerHeaders.left(in.readUInt64());
        case ASK_CALLERS -> callers = PeerHeaders.count(in.readUInt64());
        case ASK_CAN_LOAD -> canLoad = in.readBool();
        case ASK_COPY_HITS -> copyHits = PeerHeaders.count(in.readUInt64());
        default -> in.skipField(tag);
      }
    }
    MessageParts.end(in, outer);
    return new KeyRead(key, removed, onlyIfCached, left, callers, copyHits, canLoad);
  }

  private static Removal.Named readRemoval(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    long origin = 0;
    long number = 0;
    boolean everything = false;
    long time = 0;
    boolean ofSet = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case REMOVED_ORIGIN -> origin = in.readFixed64();
        case REMOVED_NUMBER -> number = in.readUInt64();
        case REMOVED_EVERYTHING -> everything = in.readBool();
        case REMOVED_TIME -> time = in.readFixed64();
        case REMOVED_OF_SET -> ofSet = in.readBool();
        default -> in.skipField(tag);
      }
    }
    MessageParts.end(in, outer);
    return new Removal.Named(new Removal.Id(origin, number), time, everything, ofSet);
  }

  /** Returns the number of bytes that a frame takes, including its length. */
  static int size(Frame frame) {
    int size = sizeWithoutLength(frame);
    return CodedOutputStream.computeUInt32SizeNoTag(size) + size;
  }

  private static int sizeWithoutLength(Frame frame) {
    return CodedOutputStream.computeUInt32Size(INDEX, frame.index())
        + CodedOutputStream.computeEnumSize(KIND, frame.kind().code)
        + MessageParts.wholeSize(BYTES, frame.bytes().length())
        + sizeAfterBytes(frame);
  }

  /** Returns the number of bytes that {@link #writeBeforeBytes} writes. */
  static int sizeBeforeBytes(Frame frame) {
    return size(frame) - frame.bytes().length() - sizeAfterBytes(frame);
  }

  /** Returns the number of bytes that {@link #writeAfterBytes} writes. */
  static int sizeAfterBytes(Frame frame) {
    int size = 0;
    if (frame.hasEnd()) {
      size +=
          CodedOutputStream.computeUInt64Size(AGE_MILLIS, frame.ageMillis())
              + CodedOutputStream.computeUInt64Size(LIFE_MILLIS, frame.lifeMillis());
    }
    if (frame.endless()) {
      size += CodedOutputStream.computeBoolSize(ENDLESS, true);
    }
    if (frame.queued()) {
      size += CodedOutputStream.computeBoolSize(QUEUED, true);
    }
    if (frame.change() != null) {
      size += MessageParts.size(STAMP, frame.change());
    }
    if (frame.known() != null) {
      size += MessageParts.size(KNOWN, frame.known());
    }
    if (frame.rate() > 0) {
      size += CodedOutputStream.computeUInt32Size(RATE, frame.rate());
    }
    if (frame.lease() != 0) {
      size += CodedOutputStream.computeUInt64Size(LEASE, frame.lease());
    }
    return size;
  }

  static void write(CodedOutputStream out, Frame frame) throws IOException {
    writeBeforeBytes(out, frame);
    frame.bytes().writeTo(new Raw(out));
    writeAfterBytes(out, frame);
  }

  static void writeBeforeBytes(CodedOutputStream out, Frame frame) throws IOException {
    out.writeUInt32NoTag(sizeWithoutLength(frame));
    out.writeUInt32(INDEX, frame.index());
    out.writeEnum(KIND, frame.kind().code);
    MessageParts.begin(out, BYTES, frame.bytes().length());
  }

  static void writeAfterBytes(CodedOutputStream out, Frame frame) throws IOException {
    if (frame.hasEnd()) {
      out.writeUInt64(AGE_MILLIS, frame.ageMillis());
      out.writeUInt64(LIFE_MILLIS, frame.lifeMillis());
    }
    if (frame.endless()) {
      out.writeBool(ENDLESS, true);
    }
    if (frame.queued()) {
      out.writeBool(QUEUED, true);
    }
    if (frame.change() != null) {
      MessageParts.write(out, STAMP, frame.change());
    }
    if (frame.known() != null) {
      MessageParts.write(out, KNOWN, frame.known());
    }
    if (frame.rate() > 0) {
      out.writeUInt32(RATE, frame.rate());
    }
    if (frame.lease() != 0) {
      out.writeUInt64(LEASE, frame.lease());
    }
  }

  /** Writes bytes as they are, without a length. */
  private static final class Raw extends OutputStream {
    private final CodedOutputStream out;

    Raw(CodedOutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int one) throws IOException {
      out.write((byte) one);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }
  }
}
