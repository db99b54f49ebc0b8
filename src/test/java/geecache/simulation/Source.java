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
import org.jspecify.annotations.Nullable;

/** The source of all nodes and callers: a version for each key, which may take a while to read. */
final class Source {
  private static final int MOST_BYTES = 60;

  /** In the byte of a value that has the version of the getter. */
  private static final byte BY_CALLER = 0x40;

  private final SimulatedWorld world;
  private final int usualMicros;
  private final int[] versions = new int[Keys.COUNT];

  private final List<List<Load>> loads = ofEachKey();

  /** For each key, the calls of loaders of callers that have not ended. */
  private final List<List<Load>> byCallers = ofEachKey();

  /** For each key, when the gets of it began that have not ended. */
  private final List<List<Long>> asked = ofEachKey();

  private final Map<Integer, Integer> oldestUnderWay = new HashMap<>();

  /** For each key, the versions of the values that were made of it, one bit for each. */
  private final int[] made = new int[Keys.COUNT];

  private int slowMillis;
  private int failing;

  Source(SimulatedWorld world, int usualMillis) {
    this.world = world;
    this.usualMicros = usualMillis * 1_000;
  }

  private static <T> List<List<T>> ofEachKey() {
    return IntStream.range(0, Keys.COUNT).<List<T>>mapToObj(key -> new ArrayList<>()).toList();
  }

  /** Notes that a get of a key began at that time. */
  void beginGet(int key, long nanos) {
    asked.get(key).add(nanos);
  }

  /** Notes that a get has ended that began at that time. */
  void endGet(int key, long nanos) {
    asked.get(key).remove(nanos);
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

  /** Returns the loads of a key so far. */
  List<Load> loads(int key) {
    return loads.get(key);
  }

  /** Whether a load is under way that began when the key had an older version. */
  boolean isLoadingOlder(int key) {
    Integer oldest = oldestUnderWay.get(key);
    return oldest != null && oldest < versions[key];
  }

  /** Whether a caller loads the key, and began when it had an older version. */
  boolean isCallerLoadingOlder(int key) {
    return byCallers.get(key).stream()
        .anyMatch(load -> load.isUnderWay() && load.version < versions[key]);
  }

  /**
   * As a getter does: reads the version, and returns it later.
   *
   * @param release the version of the values that the getter makes
   */
  byte[] load(String name, int release) throws IOException, InterruptedException {
    int key = Keys.number(name);
    int version = versions[key];
    Load load = begin(key, version, release, null);
    Integer before = oldestUnderWay.putIfAbsent(key, version);
    try {
      read();
    } catch (IOException failed) {
      load.fail();
      throw failed;
    } finally {
      load.end(world.now(), true);
      if (before == null) {
        oldestUnderWay.remove(key);
      }
    }
    return bytes(key, version, release);
  }

  private Load begin(int key, int version, int release, @Nullable Incarnation caller) {
    made[key] |= 1 << release;
    List<Long> gets = asked.get(key);
    long wanted = gets.isEmpty() ? world.now() : gets.get(0);
    Load load = new Load(wanted, world.now(), version, caller);
    loads.get(key).add(load);
    return load;
  }

  /** Notes that the loader of a caller begins to read a version. */
  Load begin(int key, int version, Incarnation caller) {
    Load load = begin(key, version, caller.release, caller);
    byCallers.get(key).add(load);
    return load;
  }

  /**
   * Notes that the loader of a caller has ended.
   *
   * @param value whether there is a value that may be kept
   */
  void end(int key, Load load, boolean value) {
    load.end(world.now(), value);
    byCallers.get(key).remove(load);
  }

  /** Takes as long as the source takes, and fails as it does. */
  void read() throws IOException, InterruptedException {
    int most = slowMillis > 0 ? slowMillis * 1_000 : usualMicros;
    if (world.random().nextInt(4) > 0) {
      world.sleep(Duration.ofNanos(1_000L * world.random().nextInt(most)));
    }
    if (failing > 0 && world.random().nextInt(100) < failing) {
      throw new IOException("the source is down");
    }
  }

  /** Returns the versions of now, for a transaction. */
  int[] snapshot() {
    return versions.clone();
  }

  /** Whether values of a key were made that have another version than this one. */
  boolean madeOthers(int key, int release) {
    return (made[key] & ~(1 << release)) != 0;
  }

  static byte[] bytes(int key, int version, int release) {
    byte[] bytes = new byte[4 + key * 7 % MOST_BYTES];
    bytes[0] = (byte) key;
    bytes[1] = (byte) release;
    bytes[2] = (byte) (version >> 8);
    bytes[3] = (byte) version;
    return bytes;
  }

  /** Returns a value that says that a caller loaded it. */
  static byte[] bytesByCaller(int key, int version, int release) {
    byte[] bytes = bytes(key, version, release);
    bytes[1] |= BY_CALLER;
    return bytes;
  }

  /** Whether a caller loaded a value. */
  static boolean isByCaller(ByteView value) {
    return (value.at(1) & BY_CALLER) != 0;
  }

  /** Returns the version in a value of the key; -1 if it is another key's. */
  static int version(int key, ByteView value) {
    return value.at(0) != (byte) key ? -1 : (value.at(2) & 0xff) << 8 | value.at(3) & 0xff;
  }

  /** Returns the version of the getter that made a value. */
  static int release(ByteView value) {
    return value.at(1) & ~BY_CALLER;
  }
}
