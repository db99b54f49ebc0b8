package geecache.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * A recorded sequence of requests.
 *
 * @param name what the table calls it
 * @param requests the number of the key of each request, from 0 in the order of first use
 * @param sizes the size of each request's value, in bytes; 1 where values have no size
 * @param keys by number
 */
record Trace(String name, int[] requests, int[] sizes, String[] keys) {

  /** Whether values have sizes. */
  boolean isSized() {
    return IntStream.of(sizes).anyMatch(size -> size != 1);
  }

  /** Reads big-endian 32-bit integers, one a request. */
  static Trace integers(String name, Path file) throws IOException {
    return numbers(name, file, DataInputStream::readInt);
  }

  /** Reads big-endian 64-bit integers, one a request. */
  static Trace longs(String name, Path file) throws IOException {
    return numbers(name, file, DataInputStream::readLong);
  }

  private interface Next {
    Number from(DataInputStream in) throws IOException;
  }

  private static Trace numbers(String name, Path file, Next next) throws IOException {
    Reader reader = new Reader();
    try (DataInputStream in = new DataInputStream(open(file))) {
      while (true) {
        reader.add(String.valueOf(next.from(in)), 1);
      }
    } catch (EOFException end) {
      return reader.trace(name);
    }
  }

  /** Reads lines of text: time, key and size in bytes. */
  static Trace lines(String name, Path file) throws IOException {
    return table(name, file, 0, " ", 1, 2);
  }

  /** Reads lines of text after a header: version, time, operation, size in bytes and key. */
  static Trace commas(String name, Path file) throws IOException {
    return table(name, file, 1, ",", 4, 3);
  }

  private static Trace table(
      String name, Path file, int headers, String separator, int key, int size) throws IOException {
    Reader reader = new Reader();
    try (BufferedReader in = new BufferedReader(new InputStreamReader(open(file), US_ASCII))) {
      in.lines()
          .skip(headers)
          .map(line -> line.split(separator))
          .forEach(words -> reader.add(words[key], Integer.parseInt(words[size])));
    }
    return reader.trace(name);
  }

  private static InputStream open(Path file) throws IOException {
    InputStream packed = new BufferedInputStream(Files.newInputStream(file));
    boolean gzip = file.toString().endsWith(".gz");
    return new BufferedInputStream(
        gzip ? new GZIPInputStream(packed) : new XZInputStream(packed), 1 << 16);
  }

  /**
   * Returns for each request the place of the next one of its key, or the length if there is none.
   */
  int[] nextUses() {
    int[] nextOfKey = new int[keys.length];
    java.util.Arrays.fill(nextOfKey, requests.length);
    int[] next = new int[requests.length];
    for (int i = requests.length - 1; i >= 0; i--) {
      next[i] = nextOfKey[requests[i]];
      nextOfKey[requests[i]] = i;
    }
    return next;
  }

  private static final class Reader {
    private final Map<String, Integer> numbers = new HashMap<>();
    private final IntStream.Builder requests = IntStream.builder();
    private final IntStream.Builder sizes = IntStream.builder();

    void add(String key, int size) {
      requests.add(numbers.computeIfAbsent(key, k -> numbers.size()));
      sizes.add(size);
    }

    Trace trace(String name) {
      String[] keys = new String[numbers.size()];
      numbers.forEach((key, number) -> keys[number] = key);
      return new Trace(name, requests.build().toArray(), sizes.build().toArray(), keys);
    }
  }
}
