package geecache.http;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import geecache.cluster.Acknowledgement;
import geecache.cluster.GroupVersion;
import geecache.cluster.Meeting;
import geecache.cluster.Removal;
import geecache.cluster.Standing;
import geecache.cluster.VersionVector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The bodies of meetings and of their answers, each one message in the encoding of Protocol
 * Buffers. {@code docs/protocol.md} has the messages.
 */
final class ClusterCodec {
  static final String CONTENT_TYPE = "application/vnd.geecache.cluster.v1+protobuf";

  /** More nodes than any cluster has. */
  static final int MOST_MEMBERS = 10_000;

  /** More removals than fit into the longest meeting of version 1, which has 1 MiB. */
  private static final int MOST_REMOVALS = 1 << 16;

  private static final int MEET_URL = 1;
  private static final int MEET_CLEAR = 2;
  private static final int MEET_REMOVED = 3;
  private static final int MEET_STANDING = 4;
  private static final int MEET_CLOCK = 5;
  private static final int MEET_GROUP = 6;
  private static final int MEET_GROUP_COUNT = 7;

  private static final int ACK_MEMBER = 1;
  private static final int ACK_STANDING = 2;
  private static final int ACK_CLOCK = 3;
  private static final int ACK_VERSION = 4;
  private static final int ACK_KNOWN = 5;
  private static final int ACK_GROUP = 7;
  private static final int ACK_LEASES = 8;
  private static final int ACK_GROUP_COUNT = 9;

  private static final int STANDING_LEAVING = 1;
  private static final int STANDING_WARM_MILLIS = 2;
  private static final int STANDING_NUMBER = 3;
  private static final int STANDING_CLOSED = 4;

  /** The version of the wire that this node speaks. */
  private static final int VERSION = 2;

  private ClusterCodec() {}

  static byte[] meeting(Meeting meeting) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeString(MEET_URL, meeting.url());
    out.writeBool(MEET_CLEAR, meeting.clear());
    for (Removal removal : meeting.removed()) {
      MessageParts.write(out, MEET_REMOVED, removal);
    }
    write(out, MEET_STANDING, meeting.standing());
    out.writeFixed64(MEET_CLOCK, meeting.clock());
    writeGroups(out, MEET_GROUP, meeting.groups());
    writeCount(out, MEET_GROUP_COUNT, meeting.groupCount());
    out.flush();
    return bytes.toByteArray();
  }

  static Meeting readMeeting(byte[] body) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(body);
    String url = "";
    boolean clear = false;
    List<Removal> removed = new ArrayList<>();
    Standing standing = Standing.UNTOLD;
    long clock = 0;
    List<String> groups = new ArrayList<>();
    int groupCount = GroupVersion.NOT_COUNTED;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case MEET_URL -> url = in.readStringRequireUtf8();
        case MEET_CLEAR -> clear = in.readBool();
        case MEET_REMOVED -> removed.add(MessageParts.readRemoval(in));
        case MEET_STANDING -> standing = readStanding(in);
        case MEET_CLOCK -> clock = in.readFixed64();
        case MEET_GROUP -> groups.add(readGroup(in));
        case MEET_GROUP_COUNT -> groupCount = readCount(in);
        default -> in.skipField(tag);
      }
      MessageParts.requireAtMost(MOST_REMOVALS, removed, "removals");
      MessageParts.requireAtMost(GroupVersion.MOST_TOLD, groups, "groups");
    }
    return new Meeting(url, standing, clock, clear, removed, groups, groupCount);
  }

  static byte[] acknowledgement(Acknowledgement acknowledgement) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    for (String member : acknowledgement.members()) {
      out.writeString(ACK_MEMBER, member);
    }
    write(out, ACK_STANDING, acknowledgement.standing());
    out.writeFixed64(ACK_CLOCK, acknowledgement.clock());
    if (acknowledgement.known() != null) {
      out.writeUInt32(ACK_VERSION, VERSION);
      MessageParts.write(out, ACK_KNOWN, acknowledgement.known());
    }
    writeGroups(out, ACK_GROUP, acknowledgement.groups());
    if (acknowledgement.leases()) {
      out.writeBool(ACK_LEASES, true);
    }
    writeCount(out, ACK_GROUP_COUNT, acknowledgement.groupCount());
    out.flush();
    return bytes.toByteArray();
  }

  static Acknowledgement readAcknowledgement(byte[] body) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(body);
    List<String> members = new ArrayList<>();
    Standing standing = Standing.UNTOLD;
    long clock = 0;
    int version = 1;
    VersionVector known = VersionVector.EMPTY;
    List<String> groups = new ArrayList<>();
    boolean leases = false;
    int groupCount = GroupVersion.NOT_COUNTED;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case ACK_MEMBER -> members.add(in.readStringRequireUtf8());
        case ACK_STANDING -> standing = readStanding(in);
        case ACK_CLOCK -> clock = in.readFixed64();
        case ACK_VERSION -> version = in.readUInt32();
        case ACK_KNOWN -> known = MessageParts.readKnown(in);
        case ACK_GROUP -> groups.add(readGroup(in));
        case ACK_LEASES -> leases = in.readBool();
        case ACK_GROUP_COUNT -> groupCount = readCount(in);
        default -> in.skipField(tag);
      }
      MessageParts.requireAtMost(MOST_MEMBERS, members, "members");
      MessageParts.requireAtMost(GroupVersion.MOST_TOLD, groups, "groups");
    }
    return new Acknowledgement(
        members, standing, clock, version < VERSION ? null : known, groups, leases, groupCount);
  }

  private static void writeGroups(CodedOutputStream out, int field, List<String> groups)
      throws IOException {
    if (groups.size() <= GroupVersion.MOST_TOLD) {
      for (String group : groups) {
        out.writeString(field, group);
      }
    }
  }

  private static void writeCount(CodedOutputStream out, int field, int count) throws IOException {
    if (count != GroupVersion.NOT_COUNTED) {
      out.writeUInt32(field, count);
    }
  }

  private static int readCount(CodedInputStream in) throws IOException {
    int count = in.readUInt32();
    return count < 0 ? Integer.MAX_VALUE : count; // It is written without a sign.
  }

  private static String readGroup(CodedInputStream in) throws IOException {
    String group = in.readStringRequireUtf8();
    if (group.length() > GroupVersion.LONGEST) {
      throw new InvalidProtocolBufferException(
          "the name of a group and its version have at most "
              + GroupVersion.LONGEST
              + " characters");
    }
    return group;
  }

  private static void write(CodedOutputStream out, int field, Standing standing)
      throws IOException {
    if (!standing.isTold()) {
      return;
    }
    int size =
        CodedOutputStream.computeBoolSize(STANDING_LEAVING, standing.leaving())
            + CodedOutputStream.computeUInt64Size(STANDING_NUMBER, standing.number())
            + CodedOutputStream.computeBoolSize(STANDING_CLOSED, standing.closed());
    if (standing.warmMillis() >= 0) {
      size += CodedOutputStream.computeUInt64Size(STANDING_WARM_MILLIS, standing.warmMillis());
    }
    MessageParts.begin(out, field, size);
    out.writeBool(STANDING_LEAVING, standing.leaving());
    if (standing.warmMillis() >= 0) {
      out.writeUInt64(STANDING_WARM_MILLIS, standing.warmMillis());
    }
    out.writeUInt64(STANDING_NUMBER, standing.number());
    out.writeBool(STANDING_CLOSED, standing.closed());
  }

  private static Standing readStanding(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    boolean leaving = false;
    long warm = -1;
    long number = 0;
    boolean closed = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case STANDING_LEAVING -> leaving = in.readBool();
        case STANDING_WARM_MILLIS -> warm = Math.max(0, in.readUInt64());
        case STANDING_NUMBER -> number = in.readUInt64();
        case STANDING_CLOSED -> closed = in.readBool();
        default -> in.skipField(tag);
      }
    }
    in.popLimit(outer);
    return new Standing(leaving, warm, number, closed);
  }
}
