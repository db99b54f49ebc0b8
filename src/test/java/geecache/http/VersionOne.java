package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.CodedOutputStream;
import geecache.cluster.Removal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a node of version 1 writes, byte by byte, whatever the present code does. */
final class VersionOne {
  private VersionOne() {}

  /** Writes one field or more. */
  private interface Fields {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Fields fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    fields.writeTo(out);
    out.flush();
    return bytes.toByteArray();
  }

  private static byte[] removal(Removal removal) throws IOException {
    return message(
        out -> {
          out.writeFixed64(1, removal.origin());
          out.writeUInt64(2, removal.number());
          out.writeString(3, removal.group());
          if (removal.key() != null) {
            out.writeString(4, removal.key());
          }
        });
  }

  /** Returns a change, of which the times of the removals are no part. */
  static byte[] change(Removal... removed) throws IOException {
    return change(List.of(removed), null, -1);
  }

  /** Returns a change that sets a value; without a time to live for -1. */
  static byte[] set(Removal removal, String value, long lifeMillis) throws IOException {
    return change(List.of(removal), value.getBytes(UTF_8), lifeMillis);
  }

  private static byte[] change(List<Removal> removed, byte @Nullable [] value, long lifeMillis)
      throws IOException {
    return message(
        out -> {
          for (Removal removal : removed) {
            out.writeByteArray(1, removal(removal));
          }
          if (value != null) {
            out.writeByteArray(2, value);
          }
          if (lifeMillis >= 0) {
            out.writeUInt64(3, lifeMillis);
          }
        });
  }

  /** Returns a meeting without a standing. */
  static byte[] meeting(String url, boolean clear, Removal... removed) throws IOException {
    return message(
        out -> {
          out.writeString(1, url);
          out.writeBool(2, clear);
          for (Removal removal : removed) {
            out.writeByteArray(3, removal(removal));
          }
        });
  }

  /** Returns an acknowledgement of a node that holds entries, and does not leave. */
  static byte[] acknowledgement(String... members) throws IOException {
    byte[] standing =
        message(
            out -> {
              out.writeBool(1, false);
              out.writeUInt64(2, 1);
            });
    return message(
        out -> {
          for (String member : members) {
            out.writeString(1, member);
          }
          out.writeByteArray(2, standing);
        });
  }

  /** Returns an entry that is handed over, with the removals that its sender had carried out. */
  static byte[] handoff(String key, String value, Removal.Id... removed) throws IOException {
    byte[] entry =
        message(
            out -> {
              out.writeString(1, key);
              out.writeByteArray(2, value.getBytes(UTF_8));
              for (Removal.Id id : removed) {
                out.writeByteArray(
                    5,
                    message(
                        carried -> {
                          carried.writeFixed64(1, id.origin());
                          carried.writeUInt64(2, id.number());
                          carried.writeBool(3, false);
                        }));
              }
            });
    return message(out -> out.writeByteArray(1, entry));
  }
}
