package geecache;

import geecache.cache.CacheKind;
import geecache.codec.Codec;
import geecache.codec.KeyCodec;
import geecache.internal.ControlCharacters;
import geecache.internal.MediaType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Describes a group before it is registered. Every setting has a default; expiry, refresh and
 * negative caching are off by default. Nothing is checked before {@link #register(Getter)}, which
 * then names all faults at once. For use by one thread.
 */
public final class GroupBuilder {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._~-]{1,128}");

  private static final int DEFAULT_LOADS = 64;
  private static final int DEFAULT_WAITING = 1024;
  private static final int DEFAULT_WAITING_FOR_CALLS = 10_240;
  private static final int MOST_BATCH = 10_000;

  /** Which entries a full group gives up. */
  public enum Store {
    /** W-TinyLFU by Caffeine: entries that are used rarely go. Hits take no lock. The default. */
    CAFFEINE(CacheKind.CAFFEINE),
    /** Exact LRU: the entry that was used least recently goes. Hits take one lock. */
    LRU(CacheKind.LRU),
    /**
     * By value: entries go first that save the source least for the heap that they take, by how
     * often they are used and how long callers waited for their load. Hits take no lock.
     */
    VALUE(CacheKind.VALUE);

    private final CacheKind kind;

    Store(CacheKind kind) {
      this.kind = kind;
    }
  }

  /** Takes the finished description of a group. */
  interface Registry {
    Group register(String name, GroupSettings settings, Getter getter);
  }

  private static final Logger log = LoggerFactory.getLogger(GroupBuilder.class);

  private final Registry registry;
  private final String name;
  private long maxBytes = 64L << 20;
  private int maxValueBytes = 16 << 20;
  private boolean maxValueBytesSet;
  private Duration timeToLive = Duration.ZERO;
  private double jitter;
  private Duration absentTimeToLive = Duration.ZERO;
  private Duration refreshAhead = Duration.ZERO;
  private Duration staleIfError = Duration.ZERO;
  private Duration holdOff = Duration.ofSeconds(1);
  private Duration hotTimeToLive = Duration.ofSeconds(30);
  private boolean hotCopies = true;
  private Duration loadTimeout = Duration.ofSeconds(10);
  private Duration waitTimeout = Duration.ofSeconds(15);
  private @Nullable Duration leaseTimeout;
  private @Nullable Integer maxLoads;
  private int maxBatch = MOST_BATCH;
  private @Nullable Integer maxWaitingLoads;
  private int maxWaiters = 16_384;
  private long maxHeldBytes = 16 << 20;
  private Store store = Store.CAFFEINE;
  private @Nullable String contentType;

  GroupBuilder(Registry registry, String name) {
    this.registry = registry;
    this.name = name;
  }

  /**
   * The heap that the group may use, in bytes: keys, values, and the overhead of the store for each
   * entry. 0 for no bound. Default 64 MiB.
   */
  public GroupBuilder maxBytes(long bytes) {
    maxBytes = bytes;
    return this;
  }

  /** The largest value that a load may bring, in bytes; a larger one fails. Default 16 MiB. */
  public GroupBuilder maxValueBytes(int bytes) {
    maxValueBytes = bytes;
    maxValueBytesSet = true;
    return this;
  }

  /**
   * How long a value is served if the getter names no time, counted from the beginning of its load.
   * Zero, the default, for until it is evicted or removed.
   */
  public GroupBuilder timeToLive(Duration time) {
    timeToLive = time;
    return this;
  }

  /**
   * The part of a time to live by which it is shortened at random, at most, so that values that
   * were loaded together do not end together. From 0, the default, up to but not including 1.
   */
  public GroupBuilder jitter(double part) {
    jitter = part;
    return this;
  }

  /** How long "absent" is answered from memory. Zero, the default, asks the source each time. */
  public GroupBuilder absentTimeToLive(Duration time) {
    absentTimeToLive = time;
    return this;
  }

  /**
   * How long before its end a value is renewed if callers ask for it: they still get the old value
   * while one load brings the next. Zero, the default, for never.
   */
  public GroupBuilder refreshAhead(Duration time) {
    refreshAhead = time;
    return this;
  }

  /**
   * How long after its end a value is still served, marked as stale, if the source fails. Zero, the
   * default, for not at all.
   */
  public GroupBuilder staleIfError(Duration time) {
    staleIfError = time;
    return this;
  }

  /**
   * How long the source is left alone after a failed load of a key whose old value can be served,
   * because of {@link #refreshAhead} or {@link #staleIfError}. Default 1 s.
   */
  public GroupBuilder holdOff(Duration time) {
    holdOff = time;
    return this;
  }

  /**
   * How long a node serves values that another node owns, at most: copies of popular values, and
   * values that it had to load because the owner did not answer. Default 30 s.
   */
  public GroupBuilder hotTimeToLive(Duration time) {
    hotTimeToLive = time;
    return this;
  }

  /**
   * Whether this node copies values that other nodes own if callers ask for them often, some 4 to 8
   * times a second. Copies take at most an eighth of {@link #maxBytes}. Default true.
   */
  public GroupBuilder hotCopies(boolean on) {
    hotCopies = on;
    return this;
  }

  /** How long a getter may take before it is interrupted. Default 10 s. */
  public GroupBuilder loadTimeout(Duration time) {
    loadTimeout = time;
    return this;
  }

  /** How long a caller that names no time waits for a load. Default 15 s. */
  public GroupBuilder waitTimeout(Duration time) {
    waitTimeout = time;
    return this;
  }

  /**
   * How long the lease of a caller who loads a key lasts, however long its {@link Loader} takes:
   * then the next caller that waits and can load has it, and what the first one brings is stored
   * nowhere. Default the {@link #loadTimeout}.
   */
  public GroupBuilder leaseTimeout(Duration time) {
    leaseTimeout = time;
    return this;
  }

  /**
   * How many loads may run at once; of a {@link BulkGetter}, how many calls. Default 64, of a bulk
   * getter 4, or as many as the getter can run if that is less; see {@link Getter#maxLoads}.
   */
  public GroupBuilder maxLoads(int loads) {
    maxLoads = loads;
    return this;
  }

  /**
   * How many keys a call of a {@link BulkGetter} may have, from 1 to 10,000. Default as many as the
   * getter can load, 100 unless it says otherwise.
   */
  public GroupBuilder maxBatch(int keys) {
    maxBatch = keys;
    return this;
  }

  /**
   * How many more loads may wait. A get that would begin another one fails at once as overloaded.
   * Default 1,024, of a {@link BulkGetter} 10,240. A load that gets no place until a second before
   * {@link #waitTimeout} has passed fails as overloaded too.
   */
  public GroupBuilder maxWaitingLoads(int loads) {
    maxWaitingLoads = loads;
    return this;
  }

  /**
   * How many gets may wait for loads and for other nodes, all together. A get beyond them fails at
   * once as overloaded, unless memory answers it. Default 16,384.
   */
  public GroupBuilder maxWaiters(int gets) {
    maxWaiters = gets;
    return this;
  }

  /**
   * The heap, in bytes, for results that the group does not keep, such as "absent", while a node
   * that was told to ask for them again does so: for a second at most. Default 16 MiB.
   */
  public GroupBuilder maxHeldBytes(long bytes) {
    maxHeldBytes = bytes;
    return this;
  }

  /** Which entries a full group gives up. Default {@link Store#CAFFEINE}. */
  public GroupBuilder store(Store which) {
    store = which;
    return this;
  }

  /**
   * The media type (RFC 9110, section 8.3) with which HTTP answers the values. Unless this is
   * called, {@link Getter#contentType} says it. A type that browsers run, such as {@code
   * text/html}, is for values that nobody but you makes.
   */
  public GroupBuilder contentType(String mediaType) {
    contentType = mediaType;
    return this;
  }

  /**
   * Goes on with a group whose keys and values have types.
   *
   * @param keys makes text of keys
   * @param values makes bytes of values, and says their media type
   */
  public <K, V> TypedGroupBuilder<K, V> typed(KeyCodec<K> keys, Codec<V> values) {
    return new TypedGroupBuilder<>(this::register, keys, values);
  }

  /**
   * Checks everything and registers the group.
   *
   * @param getter loads the keys that are not in memory
   * @throws IllegalArgumentException if any setting breaks its rule; the message names all of them
   * @throws IllegalStateException if the name is taken, or the node is closed
   */
  public Group register(Getter getter) {
    List<String> faults = faults(getter);
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(
          "group " + ControlCharacters.escape(name) + ": " + String.join("; ", faults));
    }
    if (maxValueBytesSet && maxBytes > 0 && maxValueBytes > maxBytes) {
      log.warn(
          "group {}: maxValueBytes (max-value-bytes) {} is over maxBytes (max-bytes) {}: values between"
              + " them are served and not kept",
          name,
          maxValueBytes,
          maxBytes);
    }
    return registry.register(
        name,
        new GroupSettings(
            maxBytes,
            maxValueBytes,
            timeToLive.toNanos(),
            jitter,
            absentTimeToLive.toNanos(),
            refreshAhead.toNanos(),
            staleIfError.toNanos(),
            holdOff.toNanos(),
            hotTimeToLive.toNanos(),
            hotCopies,
            loadTimeout,
            waitTimeout,
            leaseTimeout == null ? loadTimeout : leaseTimeout,
            Math.min(loadsOf(getter), getter.maxLoads()),
            batchOf(getter),
            waitingOf(getter),
            maxWaiters,
            maxHeldBytes,
            store.kind,
            contentTypeOf(getter)),
        getter);
  }

  /**
   * Registers the group without a getter, as {@link #register(Getter)} does: its callers fill it,
   * by {@link Group#get(String, Loader)}, {@link Group#set} or {@link Group#putIfAbsent}. To a get
   * without a loader, a key that nobody has filled is absent.
   */
  public Group register() {
    return register(new NoGetter());
  }

  /**
   * As {@link #register(Getter)}, for a getter that loads many keys with one call.
   *
   * @param getter loads the keys that are not in memory
   */
  public Group registerBulk(BulkGetter getter) {
    return register(getter);
  }

  private int loadsOf(Getter getter) {
    if (maxLoads != null) {
      return maxLoads;
    }
    return batchOf(getter) > 1 ? BulkGetter.DEFAULT_CALLS : DEFAULT_LOADS;
  }

  private int waitingOf(Getter getter) {
    if (maxWaitingLoads != null) {
      return maxWaitingLoads;
    }
    return batchOf(getter) > 1 ? DEFAULT_WAITING_FOR_CALLS : DEFAULT_WAITING;
  }

  /** Returns the most keys of one call. */
  private int batchOf(Getter getter) {
    return getter instanceof BulkGetter bulk ? Math.min(maxBatch, bulk.maxBatch()) : 1;
  }

  private String contentTypeOf(Getter getter) {
    return contentType != null ? contentType : String.valueOf(getter.contentType());
  }

  private List<String> faults(@Nullable Getter getter) {
    List<String> faults = new ArrayList<>();
    require(
        faults,
        NAME.matcher(name).matches() && !name.equals(".") && !name.equals(".."),
        "name must be 1 to 128 of A-Z a-z 0-9 . _ ~ - and not . or ..");
    require(faults, maxBytes >= 0, "maxBytes must not be negative: " + maxBytes);
    require(
        faults,
        maxValueBytes > 0 && maxValueBytes <= 1 << 30,
        "maxValueBytes must be 1 to " + (1 << 30) + ": " + maxValueBytes);
    require(faults, jitter >= 0 && jitter < 1, "jitter must be at least 0 and under 1: " + jitter);
    requireTime(faults, "timeToLive", timeToLive, false);
    requireTime(faults, "absentTimeToLive", absentTimeToLive, false);
    requireTime(faults, "refreshAhead", refreshAhead, false);
    requireTime(faults, "staleIfError", staleIfError, false);
    requireTime(faults, "holdOff", holdOff, false);
    requireTime(faults, "hotTimeToLive", hotTimeToLive, true);
    requireTime(faults, "loadTimeout", loadTimeout, true);
    requireTime(faults, "waitTimeout", waitTimeout, true);
    if (leaseTimeout != null) {
      requireTime(faults, "leaseTimeout", leaseTimeout, true);
    }
    require(
        faults,
        timeToLive == null
            || refreshAhead == null
            || timeToLive.isZero()
            || refreshAhead.compareTo(timeToLive) < 0,
        "refreshAhead must be shorter than timeToLive: " + refreshAhead);
    require(faults, maxLoads == null || maxLoads > 0, "maxLoads must be positive: " + maxLoads);
    require(
        faults,
        maxBatch > 0 && maxBatch <= MOST_BATCH,
        "maxBatch must be 1 to " + MOST_BATCH + ": " + maxBatch);
    require(
        faults,
        maxWaitingLoads == null || maxWaitingLoads >= 0,
        "maxWaitingLoads must not be negative: " + maxWaitingLoads);
    require(faults, maxWaiters > 0, "maxWaiters must be positive: " + maxWaiters);
    require(faults, maxHeldBytes >= 0, "maxHeldBytes must not be negative: " + maxHeldBytes);
    require(faults, store != null, "a store is required");
    require(faults, getter != null, "a getter is required");
    require(
        faults,
        getter == null || getter.maxLoads() > 0,
        "the getter's maxLoads must be positive: " + (getter == null ? 0 : getter.maxLoads()));
    int ofGetter = getter instanceof BulkGetter bulk ? bulk.maxBatch() : 1;
    require(faults, ofGetter > 0, "the getter's maxBatch must be positive: " + ofGetter);
    String mediaType = getter == null ? MediaType.OCTET_STREAM : contentTypeOf(getter);
    require(
        faults,
        MediaType.PATTERN.matcher(mediaType).matches(),
        "contentType must be " + MediaType.RULE + ": " + ControlCharacters.escape(mediaType));
    return faults;
  }

  private static void require(List<String> faults, boolean holds, String rule) {
    if (!holds) {
      faults.add(rule);
    }
  }

  /** A century is the bound, so that sums of times and clock readings cannot overflow. */
  private static void requireTime(
      List<String> faults, String name, @Nullable Duration time, boolean positive) {
    boolean inRange =
        time != null && !time.isNegative() && time.compareTo(Duration.ofDays(36_500)) <= 0;
    require(
        faults,
        inRange && !(positive && time.isZero()),
        name
            + " must be "
            + (positive ? "positive" : "zero or positive")
            + " and at most 100 years: "
            + time);
  }
}
