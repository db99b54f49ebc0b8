package geecache.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A part of a {@link ValueCache}: a hash table whose nodes are the entries, and what is remembered
 * of entries that are gone. The thread that changes it holds the lock of {@code this}. Other
 * threads look up and walk meanwhile, without a lock.
 *
 * <p>Interleaving: a get reads the table; another thread puts a larger one in its place, and
 * removes the entry; the get finds the entry in the former table. It began before the removal
 * returned, and may see it. For this nothing changes the former table any more: the next one has
 * nodes of its own. What a get notes of its hit on a former node is lost. ({@code
 * ValueCacheRacesTest})
 */
final class Stripe<V> {
  private static final VarHandle BUCKETS = MethodHandles.arrayElementVarHandle(Node[].class);
  private static final int FEWEST_BUCKETS = 4;

  /** A table with more buckets than that for each entry is made smaller. */
  private static final int MOST_BUCKETS_PER_ENTRY = 8;

  private static final int BUCKETS_PER_WORD = 2;

  /** The number of inserts for each entry after which frequencies are halved. */
  private static final int INSERTS_BETWEEN_HALVINGS = 10;

  /**
   * The chains of nodes; its length is a power of two. Replaced under the lock. A late reader has
   * the former one, see above.
   */
  private volatile @Nullable Node<V>[] table = buckets(FEWEST_BUCKETS);

  /** Written under the lock. A late reader has the number of a moment ago. */
  private volatile int entries;

  /** Guarded by {@code this}, as the next one. */
  private FrequencySketch gone = new FrequencySketch(FEWEST_BUCKETS / BUCKETS_PER_WORD);

  private int insertsSinceHalving;

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static <V> @Nullable Node<V>[] buckets(int length) {
    return new Node[length];
  }

  @SuppressWarnings("unchecked")
  private static <V> @Nullable Node<V> first(@Nullable Node<V>[] nodes, int bucket) {
    return (Node<V>) BUCKETS.getAcquire(nodes, bucket);
  }

  /** Returns the hash of a key: its low bits choose a bucket, its high bits a stripe. */
  static int hash(String key) {
    int mixed = key.hashCode() * 0x9e3779b9;
    return mixed ^ mixed >>> 15;
  }

  @Nullable Node<V> find(String key, int hash) {
    @Nullable Node<V>[] nodes = table;
    Node<V> node = first(nodes, hash & nodes.length - 1);
    while (node != null && !node.key.equals(key)) {
      node = node.next;
    }
    return node;
  }

  int entries() {
    return entries;
  }

  void forEach(Consumer<Node<V>> action) {
    forSome(0, Integer.MAX_VALUE, action);
  }

  /** Passes the nodes to {@code action} that share the bucket of {@code hash}. */
  void forBucket(int hash, Consumer<Node<V>> action) {
    forSome(hash, 1, action);
  }

  /**
   * Passes the nodes of some buckets to {@code action}: of the one of {@code hash} first, then of
   * those that follow, until it has seen {@code fewest} nodes or all.
   *
   * @return the number of nodes that it has seen
   */
  int forSome(int hash, int fewest, Consumer<Node<V>> action) {
    @Nullable Node<V>[] nodes = table;
    int seen = 0;
    for (int i = 0; i < nodes.length && seen < fewest; i++) {
      Node<V> node = first(nodes, hash + i & nodes.length - 1);
      for (; node != null; node = node.next) {
        action.accept(node);
        seen++;
      }
    }
    return seen;
  }

  /** Returns how often a key was asked for whose entry is gone; 0 if that is not known. */
  int frequency(int hash) {
    return gone.frequency(hash);
  }

  /**
   * Adds a node for a key that has none.
   *
   * @return the number of nodes in its bucket
   */
  int add(Node<V> node, int hash) {
    int bucket = hash & table.length - 1;
    node.next = first(table, bucket);
    BUCKETS.setRelease(table, bucket, node);
    int chain = 0;
    for (Node<V> one = node; one != null; one = one.next) {
      chain++;
    }
    entries++;
    if (entries > table.length) {
      resize(table.length * 2);
    }
    insertsSinceHalving++;
    if (insertsSinceHalving / INSERTS_BETWEEN_HALVINGS >= entries) {
      insertsSinceHalving = 0;
      gone.halve();
      forEach(one -> one.usage = Usage.halved(one.usage));
    }
    return chain;
  }

  /** Puts {@code next}, a node of the same key, in the place of {@code node}. */
  void replace(Node<V> node, Node<V> next, int hash) {
    next.next = node.next;
    link(node, next, hash);
  }

  /** Takes a node out, and remembers how often its key was asked for. */
  void remove(Node<V> node, int hash) {
    link(node, node.next, hash);
    gone.raise(hash, Usage.frequency(node.usage));
    entries--;
    if (entries < table.length / MOST_BUCKETS_PER_ENTRY && table.length > FEWEST_BUCKETS) {
      resize(table.length / 2);
    }
  }

  /** Makes the pointer to {@code node} point to {@code next}. */
  private void link(Node<V> node, @Nullable Node<V> next, int hash) {
    int bucket = hash & table.length - 1;
    Node<V> before = first(table, bucket);
    if (before == node) {
      BUCKETS.setRelease(table, bucket, next);
      return;
    }
    while (before != null && before.next != node) {
      before = before.next;
    }
    Objects.requireNonNull(before).next = next;
  }

  /** Forgets everything, and returns the sum of the sizes. */
  long clear() {
    long[] bytes = {0};
    forEach(node -> bytes[0] += node.size);
    @Nullable Node<V>[] empty = buckets(FEWEST_BUCKETS);
    gone = new FrequencySketch(FEWEST_BUCKETS / BUCKETS_PER_WORD);
    table = empty; // From here on, nothing fails for want of memory.
    entries = 0;
    insertsSinceHalving = 0;
    return bytes[0];
  }

  private void resize(int length) {
    @Nullable Node<V>[] next = buckets(length);
    forEach(
        node -> {
          int bucket = hash(node.key) & length - 1;
          next[bucket] = new Node<>(node.key, node.value, node.size, node.usage, next[bucket]);
        });
    table = next;
    gone.resize(length / BUCKETS_PER_WORD);
  }
}
