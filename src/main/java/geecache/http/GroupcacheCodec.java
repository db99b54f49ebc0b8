package geecache.http;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/**
 * The one message that Go nodes send each other: {@code GetResponse} of golang/groupcache's {@code
 * groupcachepb}, with the value in field 1. Field 2, {@code minute_qps}, is neither sent nor read:
 * no version of groupcache uses it.
 */
final class GroupcacheCodec {
  static final String CONTENT_TYPE = "application/x-protobuf";

  private static final int VALUE = 1;
  private static final int VALUE_TAG = VALUE << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  /** The bytes that a message may have beside its value. */
  static final int ALLOWANCE = 64;

  private GroupcacheCodec() {}

  static byte[] encode(byte[] value) {
    byte[] message = new byte[CodedOutputStream.computeByteArraySize(VALUE, value)];
    CodedOutputStream out = CodedOutputStream.newInstance(message);
    try {
      out.writeByteArray(VALUE, value);
      out.checkNoSpaceLeft();
      return message;
    } catch (IOException impossible) {
      throw new AssertionError("the array has room", impossible);
    }
  }

  /**
   * Returns the value of a message, the last one if there are several; empty if there is none, as
   * in Go.
   *
   * @throws IOException if it is malformed
   */
  static byte[] decode(byte[] message) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(message);
    byte[] value = {};
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == VALUE_TAG) {
        value = in.readByteArray();
      } else if (!in.skipField(tag)) {
        throw new InvalidProtocolBufferException("a group ends that did not begin");
      }
    }
    return value;
  }
}
