package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** Messages as they are on the wire, and what the wire may make of them. */
final class Bytes {
  /** Fields 31 to 35 in all encodings that are not deprecated, and one of those that are. */
  static final String UNKNOWN_FIELDS =
      "f801ac02" // a number
          + "81020102030405060708" // eight bytes
          + "8a0203616263" // three bytes, by length
          + "95020a0b0c0d" // four bytes
          + "9b0208019c02"; // a group

  private static final int FUZZED = 20_000;

  private Bytes() {}

  /** What reads a message. */
  interface Reader {
    void read(byte[] message) throws IOException;
  }

  /** Returns what {@code hex} says; spaces are for the eye. */
  static byte[] of(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** Returns how a message of less than 128 bytes announces its length. */
  static String lengthOf(String hex) {
    int length = of(hex).length;
    assertThat(length).isLessThan(128);
    return HexFormat.of().toHexDigits((byte) length);
  }

  static byte[] first(byte[] bytes, int length) {
    return Arrays.copyOf(bytes, length);
  }

  /** Returns a body of {@code bytes}, so many times. */
  static InputStream repeated(byte[] bytes, int times) {
    Stream<InputStream> streams =
        Collections.nCopies(times, bytes).stream().map(ByteArrayInputStream::new);
    return new SequenceInputStream(Collections.enumeration(streams.toList()));
  }

  static BatchCodec.BatchRead readRequest(byte[] body) throws IOException {
    return BatchCodec.readRequest(new ByteArrayInputStream(body));
  }

  /** Returns how many bytes this thread allocates for {@code action}. */
  static long allocatedBy(Runnable action) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    action.run();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  /** Has {@code reader} read noise, and {@code valid} with faults: all it may throw is checked. */
  static void fuzz(byte[] valid, Reader reader) {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < FUZZED; i++) {
      byte[] bytes = i % 4 == 0 ? noise(random) : faulty(valid, random);
      try {
        reader.read(bytes);
      } catch (IOException refused) {
        continue;
      } catch (RuntimeException | Error fault) {
        throw new AssertionError("seed " + seed + ", round " + i + ": " + hex(bytes), fault);
      }
    }
  }

  private static byte[] noise(Random random) {
    byte[] bytes = new byte[random.nextInt(64)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] faulty(byte[] valid, Random random) {
    byte[] bytes = valid.clone();
    for (int faults = 1 + random.nextInt(3); faults > 0; faults--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return first(bytes, 1 + random.nextInt(bytes.length));
  }
}
