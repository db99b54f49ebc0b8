package geecache.cache;

import org.jspecify.annotations.Nullable;

/** One entry of a {@link ValueCache}, in the chain of its bucket. */
final class Node<V> {
  final String key;
  final V value;

  /** The part of the budget that the entry takes. */
  final int size;

  /** Written under the lock of the stripe, and read without it. */
  volatile @Nullable Node<V> next;

  /** See {@link Usage}. Written plainly by each thread that hits; a race loses a hit. */
  int usage;

  Node(String key, V value, int size, int usage, @Nullable Node<V> next) {
    this.key = key;
    this.value = value;
    this.size = size;
    this.usage = usage;
    this.next = next;
  }
}
