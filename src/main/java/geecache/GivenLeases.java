package geecache;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The leases that one node has given to other nodes, by their numbers. Safe for many threads. */
final class GivenLeases {
  private final AtomicLong numbers = new AtomicLong();
  private final ConcurrentMap<Long, HeldLease> given = new ConcurrentHashMap<>();

  /** Returns a number that no other lease of this node has. */
  long nextNumber() {
    return numbers.incrementAndGet();
  }

  void add(HeldLease lease) {
    given.put(lease.number(), lease);
  }

  void remove(HeldLease lease) {
    given.remove(lease.number());
  }

  /** Returns the lease with this number that {@code node} holds; null if it holds none. */
  @Nullable HeldLease find(long number, long node) {
    HeldLease lease = given.get(number);
    return lease != null && lease.holder() == node ? lease : null;
  }

  /** Returns how many leases other nodes hold now. */
  int count() {
    return given.size();
  }
}
