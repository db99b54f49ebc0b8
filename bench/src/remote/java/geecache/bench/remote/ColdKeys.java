package geecache.bench.remote;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Keys that nobody has asked for, all owned by the other side. For many threads. */
final class ColdKeys implements Supplier<String> {
  private static final char END = '-';

  private final Node node;
  private final int loadMicros;
  private final AtomicInteger next = new AtomicInteger();

  /**
   * Gives keys of which each takes so long to load. One object at a time for each such time: the
   * names of another's keys would be the same.
   */
  ColdKeys(Node node, int loadMicros) {
    this.node = node;
    this.loadMicros = loadMicros;
  }

  @Override
  public String get() {
    String key;
    do {
      key = loadMicros + "" + END + next.getAndIncrement();
    } while (!node.isRemote(key));
    return key;
  }

  /** The source: takes as long as the name of the key says. */
  static byte[] load(String key) throws InterruptedException {
    TimeUnit.MICROSECONDS.sleep(Integer.parseInt(key, 0, key.indexOf(END), 10));
    return Values.of(key);
  }
}
