package geecache.simulation;

import geecache.ByteView;
import geecache.SimulatedWorld;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The source of all nodes: a version for each key, which it may take a while to tell. */
final class Source {
  private static final int MOST_BYTES = 60;

  private final SimulatedWorld world;
  private final int usualMicros;
  private final int[] versions = new int[Keys.COUNT];

  /** For each key, when loads of it began, in nanoseconds. */
  private final List<List<Long>> loads =
      IntStream.range(0, Keys.COUNT).<List<Long>>mapToObj(key -> new ArrayList<>()).toList();

  private final Map<Integer, Integer> oldestUnderWay = new HashMap<>();
  private int slowMillis;
  private int failing;

  Source(SimulatedWorld world, int usualMillis) {
    this.world = world;
    this.usualMicros = usualMillis * 1_000;
  }

  /** Has loads take up to so many milliseconds; 0 for as long as usual. */
  void slow(int millis) {
    slowMillis = millis;
  }

  /** Has so many of a hundred loads fail. */
  void fail(int ofHundred) {
    failing = ofHundred;
  }

  int version(int key) {
    return versions[key];
  }

  int write(int key) {
    return ++versions[key];
  }

  /** Returns when loads of a key began, in nanoseconds. */
  List<Long> loads(int key) {
    return loads.get(key);
  }

  /** Whether a load is under way that began when the key had an older version. */
  boolean isLoadingOlder(int key) {
    Integer oldest = oldestUnderWay.get(key);
    return oldest != null && oldest < versions[key];
  }

  /** As a getter does: reads the version, and returns it later. */
  byte[] load(String name) throws IOException, InterruptedException {
    int key = Keys.number(name);
    int version = versions[key];
    loads.get(key).add(world.now());
    Integer before = oldestUnderWay.putIfAbsent(key, version);
    try {
      int most = slowMillis > 0 ? slowMillis * 1_000 : usualMicros;
      if (world.random().nextInt(4) > 0) {
        world.sleep(Duration.ofNanos(1_000L * world.random().nextInt(most)));
      }
      if (failing > 0 && world.random().nextInt(100) < failing) {
        throw new IOException("the source is down");
      }
    } finally {
      if (before == null) {
        oldestUnderWay.remove(key);
      }
    }
    return bytes(key, version);
  }

  static byte[] bytes(int key, int version) {
    byte[] bytes = new byte[4 + key * 7 % MOST_BYTES];
    bytes[0] = (byte) key;
    bytes[1] = (byte) (version >> 16);
    bytes[2] = (byte) (version >> 8);
    bytes[3] = (byte) version;
    return bytes;
  }

  /** Returns the version in a value of the key; -1 if it is another key's. */
  static int version(int key, ByteView value) {
    return value.at(0) != (byte) key
        ? -1
        : (value.at(1) & 0xff) << 16 | (value.at(2) & 0xff) << 8 | value.at(3) & 0xff;
  }
}
