package geecache.cache;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A store that keeps those entries which save the source most for the room that they take. When it
 * needs room, it compares some entries, and the one with the least worth goes. The worth is
 *
 * <pre>
 *   f^2 * C^a / (s * (idle + 1))
 * </pre>
 *
 * <p>f is how often callers asked for the key lately, also before it had an entry ({@link
 * FrequencySketch}). C is what a load costs ({@link LoadCosts}), s the size of the entry. idle is
 * the time since callers last asked, which passes with the inserts of this store. A value that
 * answers no get any more is worth nothing. {@code docs/decisions/0016-a-store-by-value.md} has the
 * search for this rule.
 *
 * <p>A hit takes no lock, allocates nothing, and writes one word plainly, if it changes. A thread
 * that stores an entry evicts others after its step of the store, until it reads a sum of sizes
 * within the bound. So the sum is over the bound by what is being stored at most. An entry goes
 * under the lock of its stripe, and once, so its size is subtracted once.
 *
 * <p>A bucket has {@value #LONGEST_CHAIN} entries at most; after one more, that with the least
 * worth goes. Keys that share a hash on purpose cost callers no more time than that. Other keys do
 * not come to so many in one bucket.
 *
 * @param <V> the type of the entries
 */
public final class ValueCache<V> implements Cache<V> {
  /**
   * The heap that this store itself needs for an entry, in bytes. Measured: 32 for the node, and 10
   * to 17 for the shares in the hash table and in the sketch, which grow by doubling.
   */
  public static final int ENTRY_OVERHEAD = 46;

  /** Between 0, which saves the most loads, and 1, which saves the most time of the source. */
  private static final double COST_POWER = 0.5;

  private static final int STRIPES = 32;
  private static final int STRIPE_SHIFT = Integer.SIZE - 5;

  /** The entries that are compared before one goes. */
  private static final int SAMPLE = 32;

  /** The ticks that pass while as many entries are inserted as there are. */
  private static final int TICKS_PER_TURNOVER = 64;

  private static final int LONGEST_CHAIN = 16;

  private final Weigher<V> weigher;
  private final BiConsumer<String, V> onEviction;
  private final LoadCosts costs;
  private final Stripe<V>[] stripes = newStripes();

  /** The sum of sizes. Written under the lock of the stripe of the entry that comes or goes. */
  private final AtomicLong bytes = new AtomicLong();

  /** Where the next sample begins: multiples of the golden ratio fall evenly over all buckets. */
  private final AtomicInteger hand = new AtomicInteger();

  private final AtomicInteger insertsToTick = new AtomicInteger(1);

  /**
   * The coarse time of {@link Usage}. Written by the thread that brings {@code insertsToTick} to 0.
   */
  private volatile int tick;

  /** Written by {@link #bound}, which then evicts; a late reader leaves that to it. */
  private volatile long maxBytes;

  /**
   * Makes an empty store.
   *
   * @param maxBytes the bound of the sum of sizes, in bytes; 0 for none
   * @param weigher returns the size of each entry
   * @param onEviction told of each entry that made room for another, on the thread that stored; no
   *     lock is held. An exception that it throws reaches the caller of {@link #compute}, with the
   *     new entry stored
   * @throws IllegalArgumentException if {@code maxBytes} is negative
   */
  public ValueCache(long maxBytes, Weigher<V> weigher, BiConsumer<String, V> onEviction) {
    this(maxBytes, weigher, onEviction, COST_POWER);
  }

  /**
   * Makes an empty store that heeds the cost of loads more or less.
   *
   * @param costPower 0 to save the most loads, 1 to save the most time of the source
   * @see #ValueCache(long, Weigher, BiConsumer)
   */
  public ValueCache(
      long maxBytes, Weigher<V> weigher, BiConsumer<String, V> onEviction, double costPower) {
    if (maxBytes < 0) {
      throw new IllegalArgumentException("maxBytes must not be negative: " + maxBytes);
    }
    this.maxBytes = maxBytes == 0 ? Long.MAX_VALUE : maxBytes;
    this.weigher = weigher;
    this.onEviction = onEviction;
    this.costs = new LoadCosts(costPower);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static <V> Stripe<V>[] newStripes() {
    Stripe<V>[] stripes = new Stripe[STRIPES];
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe<>();
    }
    return stripes;
  }

  private Stripe<V> stripe(int hash) {
    return stripes[hash >>> STRIPE_SHIFT];
  }

  @Override
  public @Nullable V get(String key) {
    int hash = Stripe.hash(key);
    Node<V> node = stripe(hash).find(key, hash);
    if (node == null) {
      return null;
    }
    int usage = node.usage;
    int next = Usage.hit(usage, tick);
    if (next != usage) {
      node.usage = next;
    }
    return node.value;
  }

  @Override
  public @Nullable V peek(String key) {
    Node<V> node = find(key);
    return node == null ? null : node.value;
  }

  private @Nullable Node<V> find(String key) {
    int hash = Stripe.hash(key);
    return stripe(hash).find(key, hash);
  }

  @Override
  public @Nullable Worth worthOf(String key) {
    Node<V> node = find(key);
    return node == null
        ? null
        : new Worth(
            worth(node, tick, weigher.over()),
            Usage.frequency(node.usage),
            LoadCosts.nanos(Usage.cost(node.usage)));
  }

  @Override
  public void compute(String key, UnaryOperator<@Nullable V> decide) {
    compute(key, 0, decide);
  }

  @Override
  public void compute(String key, long cost, UnaryOperator<@Nullable V> decide) {
    int number = costs.count(cost);
    int hash = Stripe.hash(key);
    Stripe<V> stripe = stripe(hash);
    try {
      int chain;
      synchronized (stripe) {
        chain = change(stripe, key, hash, number, decide);
      }
      if (chain > 0) {
        passTime();
      }
      for (int tooMany = chain - LONGEST_CHAIN; tooMany > 0; tooMany--) {
        LeastWorth least = new LeastWorth();
        stripe.forBucket(hash, least);
        evict(least.node);
      }
    } finally {
      evictDownToBound(); // Also if the entry is in, and its table found no memory to grow.
    }
  }

  /** Returns the number of nodes in the bucket of the key if it was added, and 0 if not. */
  private int change(
      Stripe<V> stripe, String key, int hash, int cost, UnaryOperator<@Nullable V> decide) {
    Node<V> present = stripe.find(key, hash);
    V former = present == null ? null : present.value;
    V value = decide.apply(former);
    if (value == former) {
      return 0;
    }
    int size = value == null ? 0 : size(key, value);
    boolean kept = value != null && size <= maxBytes;
    if (present == null) {
      return kept ? add(stripe, key, hash, value, size, cost) : 0;
    }
    if (kept) {
      int usage = Usage.reloaded(present.usage, cost);
      stripe.replace(present, new Node<>(key, value, size, usage, null), hash);
      bytes.addAndGet(size - present.size);
    } else {
      remove(stripe, present, hash);
    }
    return 0;
  }

  private int size(String key, V value) {
    int size = weigher.bytes(key, value);
    if (size < 0) {
      throw new IllegalArgumentException("size must not be negative: " + size);
    }
    return size;
  }

  private int add(Stripe<V> stripe, String key, int hash, V value, int size, int cost) {
    int frequency = Math.min(stripe.frequency(hash) + 1, Usage.MOST);
    Node<V> node = new Node<>(key, value, size, Usage.of(frequency, cost, tick), null);
    bytes.addAndGet(size);
    return stripe.add(node, hash);
  }

  /** Counts first: even a table that finds no memory to become smaller is without the node. */
  private void remove(Stripe<V> stripe, Node<V> node, int hash) {
    bytes.addAndGet(-node.size);
    stripe.remove(node, hash);
  }

  private void passTime() {
    if (insertsToTick.decrementAndGet() == 0) {
      tick++;
      insertsToTick.set((int) Math.max(1, entries() / TICKS_PER_TURNOVER)); // From below 0, maybe.
    }
  }

  private void evictDownToBound() {
    while (bytes.get() > maxBytes) {
      Node<V> least = leastWorthOfSome();
      if (least == null) {
        return; // What is counted is not linked yet, and the thread that links it evicts then.
      }
      evict(least);
    }
  }

  /** Returns the least worth of some entries; null if there are none. */
  private @Nullable Node<V> leastWorthOfSome() {
    LeastWorth least = new LeastWorth();
    int start = hand.getAndAdd(0x9e3779b9);
    int seen = 0;
    for (int i = 0; i < STRIPES && seen < SAMPLE; i++) {
      Stripe<V> stripe = stripes[(start >>> STRIPE_SHIFT) + i & STRIPES - 1];
      seen += stripe.forSome(start, SAMPLE - seen, least);
    }
    return least.node;
  }

  /** Takes the entry out, unless it is gone or replaced. */
  private void evict(@Nullable Node<V> node) {
    if (node == null) {
      return; // Another thread has emptied the bucket.
    }
    int hash = Stripe.hash(node.key);
    Stripe<V> stripe = stripe(hash);
    synchronized (stripe) {
      if (stripe.find(node.key, hash) != node) {
        return;
      }
      remove(stripe, node, hash);
    }
    onEviction.accept(node.key, node.value);
  }

  /** Finds the least worth of the nodes that it is given. */
  private final class LeastWorth implements Consumer<Node<V>> {
    private final int now = tick;
    private final Predicate<V> isOver = weigher.over();
    private double least = Double.POSITIVE_INFINITY;
    private @Nullable Node<V> node;

    @Override
    public void accept(Node<V> next) {
      double worth = worth(next, now, isOver);
      if (worth < least) {
        least = worth;
        node = next;
      }
    }
  }

  private double worth(Node<V> node, int now, Predicate<V> isOver) {
    if (isOver.test(node.value)) {
      return 0;
    }
    int usage = node.usage;
    double frequency = Usage.frequency(usage);
    double cost = costs.weight(Usage.cost(usage));
    double size = Math.max(1, node.size);
    return frequency * frequency * cost / (size * (Usage.idle(usage, now) + 1));
  }

  @Override
  public void clear() {
    for (Stripe<V> stripe : stripes) {
      synchronized (stripe) {
        bytes.addAndGet(-stripe.clear());
      }
    }
  }

  @Override
  public void bound(long bytes) {
    maxBytes = bytes;
    evictDownToBound();
  }

  @Override
  public Map<String, V> hottest() {
    record Valued<V>(Node<V> node, double worth) {}
    int now = tick;
    Predicate<V> isOver = weigher.over();
    List<Valued<V>> nodes = new ArrayList<>();
    for (Stripe<V> stripe : stripes) {
      stripe.forEach(node -> nodes.add(new Valued<>(node, worth(node, now, isOver))));
    }
    nodes.sort(Comparator.comparingDouble((Valued<V> valued) -> -valued.worth()));
    Map<String, V> hottest = new LinkedHashMap<>();
    nodes.forEach(valued -> hottest.put(valued.node().key, valued.node().value));
    return Collections.unmodifiableMap(hottest);
  }

  /** In no order. */
  @Override
  public void forEach(BiConsumer<String, V> action) {
    for (Stripe<V> stripe : stripes) {
      stripe.forEach(node -> action.accept(node.key, node.value));
    }
  }

  @Override
  public long entries() {
    long entries = 0;
    for (Stripe<V> stripe : stripes) {
      entries += stripe.entries();
    }
    return entries;
  }

  @Override
  public long bytes() {
    return bytes.get();
  }
}
