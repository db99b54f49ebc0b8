package geecache.spring;

import geecache.ByteView;
import geecache.CacheException;
import geecache.Group;
import geecache.Unchecked;
import geecache.Value;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** Puts values into the group of a cache. Safe for use by many threads. */
final class Puts {
  private final Group group;
  private final Transactions transactions;

  Puts(Group group, Transactions transactions) {
    this.group = group;
    this.transactions = transactions;
  }

  /** Puts one value, and waits until all nodes know it. */
  void run(String text, Put put) {
    Long since = put.since();
    if (since == null) {
      set(text, put.value());
    } else {
      putIfNotRemoved(text, put.value(), since);
    }
  }

  private void remove(String text) {
    try {
      group.remove(text);
    } catch (CacheException failure) {
      throw Unchecked.of(failure);
    }
  }

  private void set(String text, ByteView value) {
    try {
      group.set(text, value, null);
    } catch (CacheException failure) {
      throw Unchecked.of(failure);
    }
  }

  /** The group asks for the age of what is loaded, and stores nothing that may be too old. */
  private void putIfNotRemoved(String text, ByteView bytes, long since) {
    AtomicBoolean own = new AtomicBoolean();
    transactions.putAsOf(
        since,
        () -> {
          ByteView kept =
              loaded(
                  text,
                  () -> {
                    own.set(true);
                    return Value.of(bytes);
                  });
          if (!own.get() && !bytes.equals(kept)) {
            remove(text);
          }
        });
  }

  private ByteView loaded(String text, Supplier<Value> value) {
    try {
      return group.get(text, key -> value.get());
    } catch (CacheException failure) {
      throw Unchecked.of(failure);
    }
  }
}
