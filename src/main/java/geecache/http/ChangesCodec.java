package geecache.http;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import geecache.Stamp;
import geecache.cluster.Baseline;
import geecache.cluster.Changes;
import geecache.cluster.ChangesResult;
import geecache.cluster.Removal;
import geecache.cluster.SetChange;
import geecache.cluster.SetResult;
import geecache.cluster.VersionVector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of changes and of their answers, each one message in the encoding of Protocol Buffers.
 * {@code docs/protocol.md} has the messages.
 */
final class ChangesCodec {
  /** The longest body, apart from its largest value: more bytes than all else in it can have. */
  static final int LONGEST_WITHOUT_A_VALUE = 8 << 20;

  private static final int TO = 1;
  private static final int CLOCK = 2;
  private static final int SET = 3;
  private static final int BASELINE = 4;
  private static final int REMOVED = 5;

  private static final int SET_GROUP = 1;
  private static final int SET_KEY = 2;
  private static final int SET_VALUE = 3;
  private static final int SET_LIFE_MILLIS = 4;
  private static final int SET_STAMP = 5;
  private static final int SET_KNOWN = 6;
  private static final int SET_IF_ABSENT = 12;

  private static final int BASELINE_KNOWN = 1;
  private static final int BASELINE_LATEST = 2;

  private static final int RESULT_CLOCK = 1;
  private static final int RESULT_SET = 2;
  private static final int RESULT_KNOWN = 3;
  private static final int RESULT_STAYED = 4;
  private static final int RESULT_MEMBER = 5;

  private static final int SET_RESULT_CODE = 1;

  private static final int STAYED_ORIGIN = 1;
  private static final int STAYED_NUMBER = 2;
  private static final int STAYED_STAMP = 3;

  private ChangesCodec() {}

  static byte[] changes(Changes changes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeFixed64(TO, changes.to());
    out.writeFixed64(CLOCK, changes.clock());
    for (SetChange set : changes.sets()) {
      write(out, set);
    }
    if (changes.baseline() != null) {
      write(out, changes.baseline());
    }
    for (Removal removal : changes.removed()) {
      MessageParts.write(out, REMOVED, removal);
    }
    out.flush();
    return bytes.toByteArray();
  }

  /**
   * Reads changes.
   *
   * @throws IOException if they are malformed, or more than {@link Changes#MOST_REMOVALS} or {@link
   *     Changes#MOST_SETS}
   */
  static Changes readChanges(byte[] body) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(body);
    long to = 0;
    long clock = 0;
    List<SetChange> sets = new ArrayList<>();
    Baseline baseline = null;
    List<Removal> removed = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case TO -> to = in.readFixed64();
        case CLOCK -> clock = in.readFixed64();
        case SET -> sets.add(readSet(in));
        case BASELINE -> baseline = readBaseline(in);
        case REMOVED -> removed.add(MessageParts.readRemoval(in));
        default -> in.skipField(tag);
      }
      MessageParts.requireAtMost(Changes.MOST_SETS, sets, "values");
      MessageParts.requireAtMost(Changes.MOST_REMOVALS, removed, "removals");
    }
    return new Changes(to, clock, sets, baseline, removed);
  }

  private static void write(CodedOutputStream out, SetChange set) throws IOException {
    int size =
        CodedOutputStream.computeStringSize(SET_GROUP, set.group())
            + CodedOutputStream.computeStringSize(SET_KEY, set.key())
            + CodedOutputStream.computeByteArraySize(SET_VALUE, set.value())
            + MessageParts.size(SET_STAMP, set.stamp())
            + MessageParts.size(SET_KNOWN, set.known());
    if (set.lifeMillis() >= 0) {
      size += CodedOutputStream.computeUInt64Size(SET_LIFE_MILLIS, set.lifeMillis());
    }
    if (set.ifAbsent()) {
      size += CodedOutputStream.computeBoolSize(SET_IF_ABSENT, true);
    }
    MessageParts.begin(out, SET, size);
    out.writeString(SET_GROUP, set.group());
    out.writeString(SET_KEY, set.key());
    out.writeByteArray(SET_VALUE, set.value());
    if (set.lifeMillis() >= 0) {
      out.writeUInt64(SET_LIFE_MILLIS, set.lifeMillis());
    }
    MessageParts.write(out, SET_STAMP, set.stamp());
    MessageParts.write(out, SET_KNOWN, set.known());
    if (set.ifAbsent()) {
      out.writeBool(SET_IF_ABSENT, true);
    }
  }

  private static SetChange readSet(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    String group = "";
    String key = "";
    byte[] value = {};
    long life = -1;
    Stamp stamp = null;
    VersionVector known = VersionVector.EMPTY;
    boolean ifAbsent = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case SET_GROUP -> group = in.readStringRequireUtf8();
        case SET_KEY -> key = in.readStringRequireUtf8();
        case SET_VALUE -> value = in.readByteArray();
        case SET_LIFE_MILLIS -> life = Math.max(0, in.readUInt64());
        case SET_STAMP -> stamp = MessageParts.readStamp(in);
        case SET_KNOWN -> known = MessageParts.readKnown(in);
        case SET_IF_ABSENT -> ifAbsent = in.readBool();
        default -> in.skipField(tag);
      }
    }
    in.popLimit(outer);
    return new SetChange(group, key, value, life, require(stamp, "a value"), known, ifAbsent);
  }

  private static Stamp require(@Nullable Stamp stamp, String what)
      throws InvalidProtocolBufferException {
    if (stamp == null) {
      throw new InvalidProtocolBufferException(what + " without a stamp");
    }
    return stamp;
  }

  private static void write(CodedOutputStream out, Baseline baseline) throws IOException {
    MessageParts.begin(
        out,
        BASELINE,
        MessageParts.size(BASELINE_KNOWN, baseline.known())
            + MessageParts.size(BASELINE_LATEST, baseline.latest()));
    MessageParts.write(out, BASELINE_KNOWN, baseline.known());
    MessageParts.write(out, BASELINE_LATEST, baseline.latest());
  }

  private static Baseline readBaseline(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    VersionVector known = VersionVector.EMPTY;
    Stamp latest = null;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case BASELINE_KNOWN -> known = MessageParts.readKnown(in);
        case BASELINE_LATEST -> latest = MessageParts.readStamp(in);
        default -> in.skipField(tag);
      }
    }
    in.popLimit(outer);
    return new Baseline(known, require(latest, "a baseline"));
  }

  static byte[] result(ChangesResult result) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeFixed64(RESULT_CLOCK, result.clock());
    for (SetResult set : result.sets()) {
      write(out, set);
    }
    MessageParts.write(out, RESULT_KNOWN, result.known());
    for (Map.Entry<Removal.Id, Stamp> each : result.stayed().entrySet()) {
      write(out, each.getKey(), each.getValue());
    }
    for (String member : result.members()) {
      out.writeString(RESULT_MEMBER, member);
    }
    out.flush();
    return bytes.toByteArray();
  }

  /**
   * Reads the answer of a node.
   *
   * @param node the id of the node
   * @throws IOException if it is malformed, or tells of more changes than one message has
   */
  static ChangesResult readResult(long node, byte[] body) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(body);
    long clock = 0;
    List<SetResult> sets = new ArrayList<>();
    VersionVector known = VersionVector.EMPTY;
    Map<Removal.Id, Stamp> stayed = new HashMap<>();
    List<String> members = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case RESULT_CLOCK -> clock = in.readFixed64();
        case RESULT_SET -> sets.add(readSetResult(in));
        case RESULT_KNOWN -> known = MessageParts.readKnown(in);
        case RESULT_STAYED -> readStayed(in, stayed);
        case RESULT_MEMBER -> members.add(in.readStringRequireUtf8());
        default -> in.skipField(tag);
      }
      MessageParts.requireAtMost(Changes.MOST_SETS, sets, "values");
      MessageParts.requireAtMost(Changes.MOST_REMOVALS, stayed.keySet(), "removals");
      MessageParts.requireAtMost(ClusterCodec.MOST_MEMBERS, members, "members");
    }
    return new ChangesResult(node, clock, sets, known, stayed, members);
  }

  private static void write(CodedOutputStream out, SetResult set) throws IOException {
    int code = code(set);
    MessageParts.begin(out, RESULT_SET, CodedOutputStream.computeEnumSize(SET_RESULT_CODE, code));
    out.writeEnum(SET_RESULT_CODE, code);
  }

  private static SetResult readSetResult(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    int code = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == SET_RESULT_CODE) {
        code = in.readEnum();
      } else {
        in.skipField(tag);
      }
    }
    in.popLimit(outer);
    return setResult(code);
  }

  private static int code(SetResult set) {
    return switch (set) {
      case STORED -> 1;
      case OVERTAKEN -> 2;
      case NOT_OWNER -> 3;
      case REFUSED -> 4;
      case NO_SUCH_GROUP -> 5;
      case TOO_LARGE -> 6;
      case SUPERSEDED -> 7;
      case PRESENT -> 8;
    };
  }

  /** What only a later version knows is no success. */
  private static SetResult setResult(int code) {
    return switch (code) {
      case 1 -> SetResult.STORED;
      case 2 -> SetResult.OVERTAKEN;
      case 3 -> SetResult.NOT_OWNER;
      case 5 -> SetResult.NO_SUCH_GROUP;
      case 6 -> SetResult.TOO_LARGE;
      case 7 -> SetResult.SUPERSEDED;
      case 8 -> SetResult.PRESENT;
      default -> SetResult.REFUSED;
    };
  }

  private static void write(CodedOutputStream out, Removal.Id removal, Stamp stayed)
      throws IOException {
    MessageParts.begin(
        out,
        RESULT_STAYED,
        CodedOutputStream.computeFixed64Size(STAYED_ORIGIN, removal.origin())
            + CodedOutputStream.computeUInt64Size(STAYED_NUMBER, removal.number())
            + MessageParts.size(STAYED_STAMP, stayed));
    out.writeFixed64(STAYED_ORIGIN, removal.origin());
    out.writeUInt64(STAYED_NUMBER, removal.number());
    MessageParts.write(out, STAYED_STAMP, stayed);
  }

  private static void readStayed(CodedInputStream in, Map<Removal.Id, Stamp> stayed)
      throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    long origin = 0;
    long number = 0;
    Stamp stamp = null;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case STAYED_ORIGIN -> origin = in.readFixed64();
        case STAYED_NUMBER -> number = in.readUInt64();
        case STAYED_STAMP -> stamp = MessageParts.readStamp(in);
        default -> in.skipField(tag);
      }
    }
    in.popLimit(outer);
    stayed.put(new Removal.Id(origin, number), require(stamp, "a value that stayed"));
  }
}
