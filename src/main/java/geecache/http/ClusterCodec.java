package geecache.http;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import geecache.cluster.Acknowledgement;
import geecache.cluster.Change;
import geecache.cluster.Meeting;
import geecache.cluster.Removal;
import geecache.cluster.Standing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The bodies of meetings, changes and acknowledgements, each one message in the encoding of
 * Protocol Buffers. {@code docs/protocol.md} has the messages.
 */
final class ClusterCodec {
  static final String CONTENT_TYPE = "application/vnd.geecache.cluster.v1+protobuf";

  private static final int CHANGE_REMOVED = 1;
  private static final int CHANGE_VALUE = 2;
  private static final int CHANGE_LIFE_MILLIS = 3;

  private static final int MEET_URL = 1;
  private static final int MEET_CLEAR = 2;
  private static final int MEET_REMOVED = 3;

  private static final int MEET_STANDING = 4;

  private static final int ACK_MEMBER = 1;
  private static final int ACK_STANDING = 2;

  private static final int STANDING_LEAVING = 1;
  private static final int STANDING_WARM_MILLIS = 2;

  private static final int REMOVED_ORIGIN = 1;
  private static final int REMOVED_NUMBER = 2;
  private static final int REMOVED_GROUP = 3;
  private static final int REMOVED_KEY = 4;

  private ClusterCodec() {}

  static byte[] change(Change change) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    writeAll(out, CHANGE_REMOVED, change.removed());
    if (change.value() != null) {
      out.writeByteArray(CHANGE_VALUE, change.value());
    }
    if (change.lifeMillis() >= 0) {
      out.writeUInt64(CHANGE_LIFE_MILLIS, change.lifeMillis());
    }
    out.flush();
    return bytes.toByteArray();
  }

  /**
   * Reads a change.
   *
   * @throws IOException if it is malformed, or has more than {@link Change#MOST_REMOVALS}
   */
  static Change readChange(byte[] body) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(body);
    List<Removal> removed = new ArrayList<>();
    byte[] value = null;
    long life = -1;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case CHANGE_REMOVED -> removed.add(readRemoval(in));
        case CHANGE_VALUE -> value = in.readByteArray();
        case CHANGE_LIFE_MILLIS -> life = in.readUInt64();
        default -> in.skipField(tag);
      }
      if (removed.size() > Change.MOST_REMOVALS) {
        throw new InvalidProtocolBufferException("more than " + Change.MOST_REMOVALS + " removals");
      }
    }
    if (value != null && (removed.size() != 1 || removed.get(0).key() == null)) {
      throw new InvalidProtocolBufferException("a value needs one key");
    }
    return new Change(removed, value, life);
  }

  static byte[] meeting(Meeting meeting) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeString(MEET_URL, meeting.url());
    out.writeBool(MEET_CLEAR, meeting.clear());
    writeAll(out, MEET_REMOVED, meeting.removed());
    write(out, MEET_STANDING, meeting.standing());
    out.flush();
    return bytes.toByteArray();
  }

  static Meeting readMeeting(byte[] body) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(body);
    String url = "";
    boolean clear = false;
    List<Removal> removed = new ArrayList<>();
    Standing standing = Standing.UNTOLD;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case MEET_URL -> url = in.readStringRequireUtf8();
        case MEET_CLEAR -> clear = in.readBool();
        case MEET_REMOVED -> removed.add(readRemoval(in));
        case MEET_STANDING -> standing = readStanding(in);
        default -> in.skipField(tag);
      }
    }
    return new Meeting(url, clear, removed, standing);
  }

  static byte[] acknowledgement(Acknowledgement acknowledgement) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    for (String member : acknowledgement.members()) {
      out.writeString(ACK_MEMBER, member);
    }
    write(out, ACK_STANDING, acknowledgement.standing());
    out.flush();
    return bytes.toByteArray();
  }

  static Acknowledgement readAcknowledgement(byte[] body) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(body);
    List<String> members = new ArrayList<>();
    Standing standing = Standing.UNTOLD;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case ACK_MEMBER -> members.add(in.readStringRequireUtf8());
        case ACK_STANDING -> standing = readStanding(in);
        default -> in.skipField(tag);
      }
    }
    return new Acknowledgement(members, standing);
  }

  private static void write(CodedOutputStream out, int field, Standing standing)
      throws IOException {
    if (!standing.isTold()) {
      return;
    }
    int size = CodedOutputStream.computeBoolSize(STANDING_LEAVING, standing.leaving());
    if (standing.warmMillis() >= 0) {
      size += CodedOutputStream.computeUInt64Size(STANDING_WARM_MILLIS, standing.warmMillis());
    }
    out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt32NoTag(size);
    out.writeBool(STANDING_LEAVING, standing.leaving());
    if (standing.warmMillis() >= 0) {
      out.writeUInt64(STANDING_WARM_MILLIS, standing.warmMillis());
    }
  }

  private static Standing readStanding(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    boolean leaving = false;
    long warm = -1;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case STANDING_LEAVING -> leaving = in.readBool();
        case STANDING_WARM_MILLIS -> warm = Math.max(0, in.readUInt64());
        default -> in.skipField(tag);
      }
    }
    in.popLimit(outer);
    return new Standing(leaving, warm);
  }

  private static void writeAll(CodedOutputStream out, int field, List<Removal> removed)
      throws IOException {
    for (Removal removal : removed) {
      int size =
          CodedOutputStream.computeFixed64Size(REMOVED_ORIGIN, removal.origin())
              + CodedOutputStream.computeUInt64Size(REMOVED_NUMBER, removal.number())
              + CodedOutputStream.computeStringSize(REMOVED_GROUP, removal.group())
              + (removal.key() == null
                  ? 0
                  : CodedOutputStream.computeStringSize(REMOVED_KEY, removal.key()));
      out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(size);
      out.writeFixed64(REMOVED_ORIGIN, removal.origin());
      out.writeUInt64(REMOVED_NUMBER, removal.number());
      out.writeString(REMOVED_GROUP, removal.group());
      if (removal.key() != null) {
        out.writeString(REMOVED_KEY, removal.key());
      }
    }
  }

  private static Removal readRemoval(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    long origin = 0;
    long number = 0;
    String group = "";
    String key = null;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case REMOVED_ORIGIN -> origin = in.readFixed64();
        case REMOVED_NUMBER -> number = in.readUInt64();
        case REMOVED_GROUP -> group = in.readStringRequireUtf8();
        case REMOVED_KEY -> key = in.readStringRequireUtf8();
        default -> in.skipField(tag);
      }
    }
    in.popLimit(outer);
    return new Removal(origin, number, group, key);
  }
}
