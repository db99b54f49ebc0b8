package geecache.http;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import geecache.ByteView;
import geecache.CacheException;
import geecache.KeyNotFoundException;
import geecache.LeaseEnd;
import geecache.LoadException;
import geecache.LoadTimeoutException;
import geecache.OverloadedException;
import geecache.OwnedBytes;
import geecache.Value;
import geecache.cluster.LeaseAnswer;
import geecache.cluster.LeaseNews;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of what is told of leases, and of the answers, each one message in the encoding of
 * Protocol Buffers. {@code docs/protocol.md} has the messages.
 */
final class LeaseCodec {
  /** The longest body, apart from its largest value. */
  static final int LONGEST_WITHOUT_A_VALUE = 4 << 20;

  private static final int TO = 1;
  private static final int ALIVE = 2;
  private static final int ENDED = 3;

  private static final int NUMBER = 1;
  private static final int KIND = 2;
  private static final int BYTES = 3;
  private static final int LIFE_MILLIS = 4;
  private static final int AGE_MICROS = 5;
  private static final int SNAPSHOT_MICROS = 6;

  private static final int TAKEN = 1;

  private static final int GIVEN_BACK = 0;
  private static final int LOADED = 1;
  private static final int NO_SUCH_KEY = 3;
  private static final int LOAD_FAILED = 4;
  private static final int LOAD_TIMEOUT = 5;
  private static final int OVERLOADED = 6;

  private LeaseCodec() {}

  static byte[] news(LeaseNews news) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeFixed64(TO, news.to());
    for (long number : news.alive()) {
      out.writeUInt64(ALIVE, number);
    }
    for (LeaseNews.Ended ended : news.ended()) {
      write(out, ended);
    }
    out.flush();
    return bytes.toByteArray();
  }

  private static void write(CodedOutputStream out, LeaseNews.Ended ended) throws IOException {
    LeaseEnd end = ended.end();
    Value value = end.value();
    byte[] bytes = bytes(end);
    long life = value == null || value.timeToLive() == null ? -1 : millis(value.timeToLive());
    long age = micros(end.age(), 0);
    long snapshot = micros(end.snapshot(), 999);
    int size =
        CodedOutputStream.computeUInt64Size(NUMBER, ended.number())
            + CodedOutputStream.computeEnumSize(KIND, kind(end))
            + CodedOutputStream.computeByteArraySize(BYTES, bytes)
            + CodedOutputStream.computeUInt64Size(AGE_MICROS, age)
            + CodedOutputStream.computeUInt64Size(SNAPSHOT_MICROS, snapshot)
            + (life < 0 ? 0 : CodedOutputStream.computeUInt64Size(LIFE_MILLIS, life));
    MessageParts.begin(out, ENDED, size);
    out.writeUInt64(NUMBER, ended.number());
    out.writeEnum(KIND, kind(end));
    out.writeByteArray(BYTES, bytes);
    out.writeUInt64(AGE_MICROS, age);
    out.writeUInt64(SNAPSHOT_MICROS, snapshot);
    if (life >= 0) {
      out.writeUInt64(LIFE_MILLIS, life);
    }
  }

  /** A very short time is rounded up, since zero has another meaning. */
  private static long millis(Duration life) {
    return life.isZero() ? 0 : Math.max(1, life.toMillis());
  }

  private static long micros(Duration time, int rounding) {
    return Math.max(0, (time.toNanos() + rounding) / 1_000);
  }

  private static byte[] bytes(LeaseEnd end) {
    if (end.value() != null) {
      return end.value().bytes().toByteArray();
    }
    return end.failure() == null
        ? new byte[0]
        : ByteView.of(Reply.truncated(String.valueOf(end.failure().getMessage()))).toByteArray();
  }

  private static int kind(LeaseEnd end) {
    CacheException failure = end.failure();
    if (failure == null) {
      return end.value() == null ? GIVEN_BACK : LOADED;
    }
    if (failure instanceof KeyNotFoundException) {
      return NO_SUCH_KEY;
    }
    if (failure instanceof LoadTimeoutException) {
      return LOAD_TIMEOUT;
    }
    return failure instanceof OverloadedException ? OVERLOADED : LOAD_FAILED;
  }

  /**
   * Reads news.
   *
   * @throws IOException if they are malformed, or tell of more leases than one message may
   */
  static LeaseNews readNews(byte[] body) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(body);
    long to = 0;
    List<Long> alive = new ArrayList<>();
    List<LeaseNews.Ended> ended = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case TO -> to = in.readFixed64();
        case ALIVE -> alive.add(in.readUInt64());
        case ENDED -> ended.add(readEnded(in));
        default -> in.skipField(tag);
      }
      MessageParts.requireAtMost(LeaseNews.MOST_ALIVE, alive, "leases");
      MessageParts.requireAtMost(LeaseNews.MOST_ENDED, ended, "ended leases");
    }
    return new LeaseNews(to, alive, ended);
  }

  private static LeaseNews.Ended readEnded(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    long number = 0;
    int kind = GIVEN_BACK;
    byte[] bytes = {};
    long life = -1;
    long age = 0;
    long snapshot = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case NUMBER -> number = in.readUInt64();
        case KIND -> kind = in.readEnum();
        case BYTES -> bytes = in.readByteArray();
        case LIFE_MILLIS -> life = bounded(in.readUInt64());
        case AGE_MICROS -> age = bounded(in.readUInt64());
        case SNAPSHOT_MICROS -> snapshot = bounded(in.readUInt64());
        default -> in.skipField(tag);
      }
    }
    MessageParts.end(in, outer);
    return new LeaseNews.Ended(number, end(kind, bytes, life, age, snapshot));
  }

  /** The largest time fits into nanoseconds; a number without a sign that is larger is that. */
  private static long bounded(long time) {
    long most = Long.MAX_VALUE / 1_000_000;
    return time < 0 || time > most ? most : time;
  }

  private static LeaseEnd end(int kind, byte[] bytes, long life, long age, long snapshot) {
    if (kind == LOADED) {
      Duration timeToLive = life < 0 ? null : Duration.ofMillis(life);
      return new LeaseEnd(
          new Value(OwnedBytes.view(bytes), timeToLive),
          Duration.ofNanos(age * 1_000),
          Duration.ofNanos(snapshot * 1_000),
          null);
    }
    CacheException failure = failure(kind, OwnedBytes.view(bytes).toString());
    return failure == null ? LeaseEnd.givenBack() : LeaseEnd.failed(failure);
  }

  private static @Nullable CacheException failure(int kind, String message) {
    return switch (kind) {
      case NO_SUCH_KEY -> new KeyNotFoundException(message);
      case LOAD_FAILED -> new LoadException(message);
      case LOAD_TIMEOUT -> new LoadTimeoutException(message, null);
      case OVERLOADED -> new OverloadedException(message);
      default -> null; // Given back, or what only a later version knows.
    };
  }

  static byte[] answer(List<LeaseEnd.Taken> taken) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    for (LeaseEnd.Taken each : taken) {
      out.writeEnum(TAKEN, each == LeaseEnd.Taken.LANDED ? 1 : 0);
    }
    out.flush();
    return bytes.toByteArray();
  }

  /** Reads the answer of the node with this id. */
  static LeaseAnswer readAnswer(long node, byte[] body) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(body);
    List<LeaseEnd.Taken> taken = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == TAKEN) {
        taken.add(in.readEnum() == 1 ? LeaseEnd.Taken.LANDED : LeaseEnd.Taken.REFUSED);
      } else {
        in.skipField(tag);
      }
      MessageParts.requireAtMost(LeaseNews.MOST_ENDED, taken, "ended leases");
    }
    return new LeaseAnswer(node, taken);
  }
}
