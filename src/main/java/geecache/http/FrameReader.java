package geecache.http;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import geecache.ByteView;
import geecache.Stamp;
import geecache.cluster.VersionVector;
import geecache.http.BatchCodec.Frame;
import geecache.http.BatchCodec.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of an answer, one after the other, as {@link BatchCodec#write} writes them. A
 * value is read into its own array, which grows with what comes: {@link ByteView#read}. For one
 * thread.
 */
final class FrameReader {
  /** A group takes no value that is longer. */
  private static final int LONGEST_VALUE = 1 << 30;

  /**
   * The bytes that a frame may have beside its value. A failure has no value: its message is in
   * them.
   */
  private static final int ALLOWANCE = 64 << 10;

  private static final int DEEPEST_GROUP = 100;
  private static final int LONGEST_VARINT = 10;

  /** A frame has a value that is longer than the reader takes. The frame was skipped. */
  static final class TooLongValue extends IOException {
    private static final long serialVersionUID = 1;

    final int index;
    final int length;

    TooLongValue(int index, int length) {
      super("a frame has a value of " + length + " bytes");
      this.index = index;
      this.length = length;
    }
  }

  private final InputStream body;

  /** What was read of the body and belongs to no frame yet. */
  private final byte[] buffer = new byte[16 << 10];

  private int position;
  private int end;

  /** How many bytes of the frame are left. */
  private int left;

  /** The bytes of the body from here on, whatever frames they belong to. */
  private final InputStream rest =
      new InputStream() {
        @Override
        public int read() throws IOException {
          return position < end || fill() ? buffer[position++] & 0xff : -1;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
          if (position == end) {
            return body.read(bytes, offset, length);
          }
          int count = Math.min(length, end - position);
          System.arraycopy(buffer, position, bytes, offset, count);
          position += count;
          return count;
        }
      };

  FrameReader(InputStream body) {
    this.body = body;
  }

  /** Whether the body has no more bytes. Blocks until that is known. */
  boolean isAtEnd() throws IOException {
    return position == end && !fill();
  }

  /** Returns false at the end of the body. */
  private boolean fill() throws IOException {
    position = 0;
    end = Math.max(0, body.read(buffer));
    return end > 0;
  }

  /**
   * Reads the next frame. Blocks until it has come.
   *
   * @param maxValueBytes the longest value that it may have
   * @throws TooLongValue if it has a longer value; the next frame can be read
   * @throws IOException if the frame is malformed, ends too early, or is longer than any value
   *     allows
   */
  Frame read(int maxValueBytes) throws IOException {
    left = LONGEST_VARINT;
    int size = (int) varint();
    if (size < 0 || size > LONGEST_VALUE + ALLOWANCE) {
      throw new InvalidProtocolBufferException(
          "a frame announces " + Integer.toUnsignedString(size) + " bytes");
    }
    left = size;
    int index = 0;
    Kind kind = null;
    ByteView bytes = Frame.NO_BYTES;
    int length = 0;
    long age = -1;
    long life = -1;
    boolean endless = false;
    boolean queued = false;
    Stamp change = null;
    VersionVector known = null;
    int rate = 0;
    long lease = 0;
    while (left > 0) {
      int tag = (int) varint();
      switch (WireFormat.getTagFieldNumber(tag)) {
        case BatchCodec.INDEX -> index = (int) varint();
        case BatchCodec.KIND -> kind = Kind.of((int) varint());
        case BatchCodec.BYTES -> {
          length = length();
          bytes = length > Math.max(maxValueBytes, ALLOWANCE) ? skip(length) : bytes(length);
        }
        case BatchCodec.AGE_MILLIS -> age = varint();
        case BatchCodec.LIFE_MILLIS -> life = varint();
        case BatchCodec.STAMP -> change = MessageParts.readStampFields(message());
        case BatchCodec.ENDLESS -> endless = varint() != 0;
        case BatchCodec.QUEUED -> queued = varint() != 0;
        case BatchCodec.KNOWN -> known = MessageParts.readKnownFields(message());
        case BatchCodec.LEASE -> lease = varint();
        case BatchCodec.RATE -> rate = PeerHeaders.count(varint());
        default -> skipField(tag, 0);
      }
    }
    if (kind == null) {
      throw new InvalidProtocolBufferException("a frame has an unknown kind");
    }
    if (length > maxValueBytes && (kind == Kind.VALUE || kind == Kind.STALE_VALUE)) {
      throw new TooLongValue(index, length);
    }
    if (length != bytes.length()) {
      throw new InvalidProtocolBufferException("a message has " + length + " bytes");
    }
    return frame(index, kind, bytes, age, life, endless, queued, change, known, rate, lease);
  }

  /** An encoder may leave out a time that is 0. */
  private static Frame frame(
      int index,
      Kind kind,
      ByteView bytes,
      long age,
      long life,
      boolean endless,
      boolean queued,
      @Nullable Stamp change,
      @Nullable VersionVector known,
      int rate,
      long lease) {
    boolean hasEnd = age >= 0 || life >= 0;
    return new Frame(
        index,
        kind,
        bytes,
        hasEnd ? Math.max(0, age) : -1,
        hasEnd ? Math.max(0, life) : -1,
        endless,
        queued,
        change,
        known,
        rate,
        lease);
  }

  private void take(int count) throws InvalidProtocolBufferException {
    if (count < 0 || count > left) {
      throw new InvalidProtocolBufferException("a field is longer than its frame");
    }
    left -= count;
  }

  private int next() throws IOException {
    take(1);
    int octet = rest.read();
    if (octet < 0) {
      throw new EOFException("the answer ends within a frame");
    }
    return octet;
  }

  private long varint() throws IOException {
    long value = 0;
    for (int i = 0; i < LONGEST_VARINT; i++) {
      int octet = next();
      value |= (long) (octet & 0x7f) << (7 * i);
      if (octet < 0x80) {
        return value;
      }
    }
    throw new InvalidProtocolBufferException("a number has no end");
  }

  /** Reads the length of a field. So many bytes of the frame are left. */
  private int length() throws IOException {
    int length = (int) varint();
    take(length);
    return length;
  }

  private ByteView bytes(int length) throws IOException {
    return ByteView.read(rest, length);
  }

  private ByteView skip(int length) throws IOException {
    rest.skipNBytes(length);
    return Frame.NO_BYTES;
  }

  /** Returns the fields of a message within the frame. */
  private CodedInputStream message() throws IOException {
    int length = length();
    if (length > ALLOWANCE) {
      throw new InvalidProtocolBufferException("a part of a frame has " + length + " bytes");
    }
    return CodedInputStream.newInstance(bytes(length).toByteArray());
  }

  /** Skips a field that this version does not know. */
  private void skipField(int tag, int depth) throws IOException {
    if (WireFormat.getTagFieldNumber(tag) == 0 || depth > DEEPEST_GROUP) {
      throw new InvalidProtocolBufferException("a frame is malformed");
    }
    switch (WireFormat.getTagWireType(tag)) {
      case WireFormat.WIRETYPE_VARINT -> varint();
      case WireFormat.WIRETYPE_FIXED64 -> skipFixed(8);
      case WireFormat.WIRETYPE_FIXED32 -> skipFixed(4);
      case WireFormat.WIRETYPE_LENGTH_DELIMITED -> skip(length());
      case WireFormat.WIRETYPE_START_GROUP -> skipGroup(tag, depth);
      default -> throw new InvalidProtocolBufferException("a frame is malformed");
    }
  }

  private void skipFixed(int length) throws IOException {
    take(length);
    skip(length);
  }

  private void skipGroup(int start, int depth) throws IOException {
    int stop = start - WireFormat.WIRETYPE_START_GROUP + WireFormat.WIRETYPE_END_GROUP;
    for (int tag = (int) varint(); tag != stop; tag = (int) varint()) {
      skipField(tag, depth + 1);
    }
  }
}
