package geecache.containers.library;

import geecache.ByteView;
import geecache.Geecache;
import geecache.Getter;
import geecache.Value;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/**
 * A source that is slow until it is told otherwise, by keys: {@code slow} is not answered before
 * {@code open} was asked for, nor {@code slow-1} before {@code open-1}; {@code joined} is how many
 * gets have joined a load, never from memory, and any other key is its own value.
 */
final class Gate implements Getter {
  private static final String SLOW = "slow";
  private static final String OPEN = "open";
  private static final Duration LONG = Duration.ofMinutes(10);

  private final Geecache node;
  private final ConcurrentHashMap<String, CountDownLatch> opened = new ConcurrentHashMap<>();

  private final Loads loads;

  private Gate(Geecache node, Loads loads) {
    this.node = node;
    this.loads = loads;
  }

  static void register(Geecache node, Loads loads) {
    node.group("gate").loadTimeout(LONG).waitTimeout(LONG).register(new Gate(node, loads));
  }

  @Override
  public byte[] get(String key) throws InterruptedException {
    return load(key).bytes().toByteArray();
  }

  @Override
  public Value load(String key) throws InterruptedException {
    if (key.equals("joined")) {
      return new Value(ByteView.of(String.valueOf(joined())), Duration.ZERO);
    }
    if (key.startsWith(SLOW)) {
      loads.count(key);
      gate(key.substring(SLOW.length())).await();
    } else if (key.startsWith(OPEN)) {
      gate(key.substring(OPEN.length())).countDown();
    }
    return Value.of(ByteView.of(key));
  }

  private CountDownLatch gate(String name) {
    return opened.computeIfAbsent(name, gate -> new CountDownLatch(1));
  }

  private long joined() {
    return node.find("gate").orElseThrow().stats().loadsDeduplicated();
  }
}
