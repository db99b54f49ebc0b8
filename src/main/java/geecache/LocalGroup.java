package geecache;

import geecache.internal.JsonWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A group on this node alone, for the {@link Cluster} of the node and for the servers that answer
 * its peers: nothing here asks another node, or tells it anything. Applications use {@link Group}.
 * Safe for use by many threads.
 */
public interface LocalGroup {
  /**
   * Another node that asks for a key.
   *
   * @param node its id
   * @param left how long it waits; null if it did not say
   * @param callers how many callers wait there: a value for which many wait is worth more
   * @param copyHits how often its copy of the value answered callers since it last asked
   * @param canLoad whether one of the callers can load the key under a lease: then the answer may
   *     be {@link LeaseGiven}
   */
  record Asker(
      long node,
      @Nullable Duration left,
      int callers,
      int copyHits,
      boolean canLoad,
      @Nullable String traceparent) {
    /** A node of which no caller can load the key, and whose question is part of no trace. */
    public Asker(long node, @Nullable Duration left, int callers, int copyHits) {
      this(node, left, callers, copyHits, false, null);
    }
  }

  /** Returns the name under which the node knows this group. */
  String name();

  /** Returns how many keys load at once, at most. */
  int loadsAtOnce();

  /** Returns the version of its values; empty if it names none. */
  String version();

  /**
   * Returns the value of {@code key} from memory or by a load of this node's own, even if another
   * node owns the key: for a request that comes from a peer, and must not go round in circles. In
   * all else as {@link Group#answer}.
   */
  CompletableFuture<CachedValue> get(String key);

  /**
   * As {@link #get(String)}, for a node that may have been told to ask again: if {@link #hold}
   * holds a get of that node, this returns it, unless the key was removed since that began. A load
   * that has no place early enough before the node stops waiting is refused as overloaded.
   */
  CompletableFuture<CachedValue> get(String key, Asker asker);

  /**
   * Returns how often callers of other nodes asked for {@code key} lately: in a minute, half of it
   * at least, with a bound; 0 if rarely.
   */
  int rate(String key);

  /**
   * Holds {@code answer}, which {@link #get(String, Asker)} returned for {@code node}: the node is
   * told to ask again. A result that memory does not keep is held for a second, in a bound of
   * bytes.
   */
  void hold(String key, long node, CompletableFuture<CachedValue> answer);

  /** The loads that one thread begins, from {@link #beginBurst} to its end. */
  @FunctionalInterface
  interface Burst {
    /** One of a group whose loads begin one by one. */
    Burst NONE = () -> {};

    /**
     * Lets the loads begin. Called by the thread that began the burst, which blocks nowhere before.
     */
    void end();
  }

  /**
   * Has the loads that this thread begins wait until the burst ends, if the getter loads many keys
   * with one call: so the first call has many of them.
   */
  Burst beginBurst();

  /** Whether {@code answer}, which this group returned, waits for a load that waits for a place. */
  boolean isQueued(CompletableFuture<CachedValue> answer);

  /**
   * As {@link #get(String, Asker)}, for a node that cannot prove to be one, with the share of loads
   * that {@link #getForGuest} has. It is given what {@link #holdForGuest} holds, and counts as one
   * caller.
   */
  CompletableFuture<CachedValue> getHereForGuest(String key, Asker asker);

  /** As {@link #hold}, for a second in all, and in half of the bytes. */
  void holdForGuest(String key, long node, CompletableFuture<CachedValue> answer);

  /**
   * As {@link Group#answer}, for a stranger who asks for many keys at once: all gets of strangers
   * together take half of the places for loads at most. To cancel the future takes the get off the
   * load.
   */
  CompletableFuture<CachedValue> getForGuest(String key);

  /**
   * Returns the value that memory has of {@code key}, for a peer that owns the key now; null if
   * there is none, or it is past its end, or a copy. Begins no load, waits for none, and counts no
   * get.
   */
  @Nullable CachedValue peek(String key);

  /**
   * As {@link #peek}, for a peer that stores the value: if this node does not own the key any more,
   * it forgets the value, to make room for the keys that it owns.
   */
  @Nullable CachedValue handOut(String key);

  /**
   * Returns the keys of the values in memory, without the copies of values that other nodes keep;
   * those that the store would keep longest come first.
   */
  List<String> hottestKeys();

  /**
   * Stores a value that the former owner of the key hands over, unless a fresh value is there, or
   * the given one is past its end or too large.
   *
   * @param mayBe asked whether the value may be stored, after the moment from which a removal
   *     forbids it
   * @return whether it was stored
   * @throws IllegalArgumentException if {@link Group#requireKey} refuses the key
   */
  boolean accept(String key, PeerValue given, BooleanSupplier mayBe);

  /**
   * Removes {@code key} on this node, unless its value was set with a stamp that is not before this
   * one: then the value stays. Loads and fetches under way are void all the same, unless this node
   * itself carried out a set with this stamp, which voided them. A value that was loaded has no
   * place in the order of changes, so that any removal removes it. Copies of values that other
   * nodes keep go too: their owners have them.
   *
   * @return the stamp of the value that stayed, if it is later than {@code stamp}; else null
   */
  @Nullable Stamp remove(String key, Stamp stamp);

  /**
   * Removes everything on this node but the values that were set with a stamp that is not before
   * this one. Such a value stays in sight all the time. From now on this node refuses to set a
   * value with an earlier stamp.
   *
   * @return the latest stamp of the values that stayed, if it is later than {@code stamp}; else
   *     null. A value that is being stored meanwhile may be overlooked
   */
  @Nullable Stamp clear(Stamp stamp);

  /**
   * Stores a value on this node, as if it had just been loaded, unless the present value was set
   * with a later stamp, or everything was cleared with one. If it was set with this stamp, this is
   * the same change told twice, and changes nothing. A value that is too large for the store, or
   * has no time to live, is not stored, but removes the key.
   *
   * @return the later stamp because of which the value is not stored; else null
   */
  @Nullable Stamp set(String key, ByteView value, @Nullable Duration timeToLive, Stamp stamp);

  /**
   * As {@link #set}, unless the key has a value that has not expired. The same change told twice
   * finds its own value, and counts as stored.
   */
  Put putIfAbsent(String key, ByteView value, @Nullable Duration timeToLive, Stamp stamp);

  /**
   * What became of a value that was to be stored if there was none.
   *
   * @param stored whether it is stored, or would be if it had a time to live and room
   * @param later the later stamp because of which it is not; null if there is none
   */
  record Put(boolean stored, @Nullable Stamp later) {}

  /**
   * Refuses a value that this group cannot keep.
   *
   * @throws ValueTooLargeException if it is larger than {@link #maxValueBytes}, or takes more heap
   *     than the group has
   */
  void requireRoom(String key, ByteView value, @Nullable Duration timeToLive);

  /** Returns the largest value that the group takes, in bytes. */
  int maxValueBytes();

  /** Returns how long a load may take. */
  Duration loadTimeout();

  /** Returns how long a get waits that names no other time. */
  Duration waitTimeout();

  /** Returns what this group has done on this node, and what it holds. */
  GroupStats stats();

  /** Returns how long loads and gets take, for those who want to listen. */
  GroupDurations durations();

  /** Writes what this group has done on this node, what it holds, and by which settings. */
  void writeStatus(JsonWriter to);

  /**
   * Writes what this group did on this node in the last minutes; nothing unless the node keeps
   * that: {@link LocalNode#keepHistory}.
   *
   * @param points how many points of 5 s at most
   */
  void writeHistory(int points, JsonWriter to);

  /**
   * Writes what this node has of {@code key}, and what it does about it now. Loads nothing, changes
   * nothing and counts nothing.
   *
   * @throws IllegalArgumentException if {@link Group#requireKey} refuses the key
   */
  void explain(String key, JsonWriter to);
}
