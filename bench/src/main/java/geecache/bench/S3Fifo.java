package geecache.bench;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * S3-FIFO (Yang and others, SOSP 2023), with the parameters of the paper: a tenth of the room for
 * the small queue, nine tenths of it for keys that are remembered, up to three uses counted. What
 * was used twice in the small queue goes on to the main one, and what is remembered goes there at
 * once. Weighs keys by their size, as Caffeine's simulator does, with whose hits these were
 * compared: its jar has 96 MB, and needs JVM 25.
 */
final class S3Fifo {
  private static final int MOST_USES = 3;
  private static final int USES_TO_STAY = 2;

  /** What a queue has of a key. */
  private static final class Item {
    final int size;
    int uses;

    Item(int size) {
      this.size = size;
    }
  }

  /** A queue of keys, the oldest first, and the sum of their sizes. */
  private static final class Queue {
    final Map<String, Item> items = new LinkedHashMap<>();
    final long most;
    long held;

    Queue(long most) {
      this.most = most;
    }

    void add(String key, Item item) {
      items.put(key, item);
      held += item.size;
    }

    Item remove(String key) {
      Item removed = items.remove(key);
      held -= removed == null ? 0 : removed.size;
      return removed;
    }

    Map.Entry<String, Item> removeOldest() {
      Iterator<Map.Entry<String, Item>> oldest = items.entrySet().iterator();
      Map.Entry<String, Item> removed = oldest.next();
      oldest.remove();
      held -= removed.getValue().size;
      return removed;
    }
  }

  private final long capacity;
  private final Queue small;
  private final Queue main;
  private final Queue remembered;

  S3Fifo(long capacity) {
    this.capacity = capacity;
    this.small = new Queue(capacity / 10);
    this.main = new Queue(capacity - small.most);
    this.remembered = new Queue(capacity - small.most);
  }

  /** Returns whether the key was there; if not, it is afterwards. What is too large is not kept. */
  boolean hits(String key, int size) {
    Item item = small.items.getOrDefault(key, main.items.get(key));
    if (item != null) {
      item.uses = Math.min(item.uses + 1, MOST_USES);
      return true;
    }
    if (size <= capacity) {
      while (small.held + main.held + size > capacity) {
        evict();
      }
      (remembered.remove(key) == null ? small : main).add(key, new Item(size));
    }
    return false;
  }

  private void evict() {
    if (main.items.isEmpty() || (small.held >= small.most && !small.items.isEmpty())) {
      evictFromSmall();
    } else {
      evictFromMain();
    }
  }

  private void evictFromSmall() {
    while (!small.items.isEmpty()) {
      Map.Entry<String, Item> oldest = small.removeOldest();
      if (oldest.getValue().uses < USES_TO_STAY) {
        remember(oldest.getKey(), oldest.getValue().size);
        return;
      }
      main.add(oldest.getKey(), new Item(oldest.getValue().size));
      if (main.held > main.most) {
        evictFromMain();
      }
    }
  }

  private void evictFromMain() {
    while (!main.items.isEmpty()) {
      Map.Entry<String, Item> oldest = main.removeOldest();
      if (oldest.getValue().uses == 0) {
        return;
      }
      oldest.getValue().uses--;
      main.add(oldest.getKey(), oldest.getValue());
    }
  }

  private void remember(String key, int size) {
    if (size <= remembered.most) {
      while (remembered.held + size > remembered.most) {
        remembered.removeOldest();
      }
      remembered.add(key, new Item(size));
    }
  }
}
