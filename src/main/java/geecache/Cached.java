package geecache;

import geecache.CachedValue.Origin;
import geecache.codec.Codec;
import geecache.codec.KeyCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Group} whose keys and values have types. Made by {@link GroupBuilder#typed}, or by
 * {@link #of} for a group that settings describe. Safe for use by many threads.
 *
 * <p>Each method does what the method of the same name does in {@link Group}, and throws unchecked
 * exceptions of the same names, which {@link Unchecked} holds. A key that is null or has no stable
 * text is refused with an {@link IllegalArgumentException}.
 *
 * <p>Bytes that the codec cannot read, such as those of another version of the application, are a
 * miss: this node forgets them and asks its own source, even if another node owns the key. They are
 * counted ({@link GroupStats#unreadable}) and logged once a minute. If the codec cannot even read
 * what the source gave, the get fails.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public final class Cached<K, V> {
  /**
   * How often a get that reads nothing asks anew. Another get's load may bring what a former owner
   * had, but only one that began before.
   */
  private static final int MOST_RELOADS = 3;

  private final Group group;
  private final KeyCodec<K> keys;
  private final Codec<V> values;

  /** Returns the size of an object to be kept; null if none is. */
  private final @Nullable ToLongFunction<? super V> size;

  private final UnknownSizes unknownSizes;

  Cached(Group group, KeyCodec<K> keys, Codec<V> values, @Nullable ToLongFunction<? super V> size) {
    this.group = group;
    this.keys = keys;
    this.values = values;
    this.size = size;
    this.unknownSizes = new UnknownSizes(group.name(), group.engine.parts.node().ticker());
  }

  /**
   * Returns {@code group} with types, such as for a group that settings describe. Its getter has to
   * give the bytes that {@code values} reads.
   */
  public static <K, V> Cached<K, V> of(Group group, KeyCodec<K> keys, Codec<V> values) {
    return new Cached<>(group, keys, values, null);
  }

  /** Returns the group itself, whose keys are text and whose values are bytes. */
  public Group group() {
    return group;
  }

  /**
   * Returns the value of {@code key}; as {@link Group#get(String)}.
   *
   * @throws Unchecked.KeyNotFoundException if the source says that there is no such key
   * @throws Unchecked.LoadException if the source failed, or its value cannot be written or read
   * @throws Unchecked.LoadTimeoutException if the answer did not come in time
   * @throws Unchecked.OverloadedException if too many loads are waiting
   * @throws Unchecked.ClosedException if the node is closed
   */
  public V get(K key) {
    return get(key, group.waitTimeout());
  }

  /** Returns the value of {@code key}; as {@link Group#get(String, Duration)}. */
  public V get(K key, Duration wait) {
    String text = keys.write(key);
    V kept = kept(text);
    if (kept != null) {
      return kept;
    }
    try {
      return read(text, group.get(text, wait), wait);
    } catch (CacheException failure) {
      throw Unchecked.of(failure);
    }
  }

  /**
   * Returns the value of {@code key}, which this caller loads itself if nobody else has or does; as
   * {@link Group#get(String, Loader)}.
   *
   * @throws E what {@code loader} throws, if it is that of this caller
   * @throws Unchecked.LoadException if {@code loader} returns null, or the loader of another caller
   *     failed
   * @throws Unchecked.CacheException as {@link #get(Object)} does, if another caller loads the key
   */
  public <E extends Exception> V get(K key, TypedLoader<? super K, ? extends V, E> loader)
      throws E {
    Objects.requireNonNull(loader, "a loader is required");
    String text = keys.write(key);
    V kept = kept(text);
    if (kept != null) {
      return kept;
    }
    Loader<E> encoding = wanted -> encoded(loader.load(key));
    try {
      return read(text, group.get(text, encoding), encoding);
    } catch (CacheException failure) {
      throw Unchecked.of(failure);
    }
  }

  /** Null is a failure of the loader, and not of the caller's argument. */
  private @Nullable Value encoded(@Nullable V value) {
    return value == null ? null : Value.of(encode(value));
  }

  /**
   * Returns the value of {@code key} if this node or the owner of the key has it in memory; as
   * {@link Group#getIfPresent}. Empty too if the codec cannot read the value, which this node
   * forgets then.
   */
  public Optional<V> getIfPresent(K key) {
    String text = keys.write(key);
    V kept = kept(text);
    if (kept != null) {
      return Optional.of(kept);
    }
    ByteView bytes = group.getIfPresent(text).orElse(null);
    try {
      return bytes == null ? Optional.empty() : Optional.of(decode(text, bytes));
    } catch (UnreadableException unreadable) {
      group.engine.parts.store().forget(text, bytes);
      return Optional.empty();
    }
  }

  /**
   * Stores {@code value} if the key has none; as {@link #putIfAbsent(Object, Object, Duration)}.
   */
  public boolean putIfAbsent(K key, V value) {
    return putIfAbsent(key, value, null);
  }

  /**
   * Stores {@code value} for {@code timeToLive} if the key has no value; as {@link
   * Group#putIfAbsent}.
   *
   * @return whether it was stored
   * @throws Unchecked.NotReachedException as {@link Group#putIfAbsent} does
   */
  public boolean putIfAbsent(K key, V value, @Nullable Duration timeToLive) {
    String text = keys.write(key);
    ByteView bytes = encode(value);
    try {
      return group.putIfAbsent(text, bytes, timeToLive);
    } catch (CacheException failure) {
      throw Unchecked.of(failure);
    }
  }

  /** As {@link #get(Object)}, with nothing for a key that the source does not have. */
  public Optional<V> find(K key) {
    try {
      return Optional.of(get(key));
    } catch (Unchecked.KeyNotFoundException absent) {
      return Optional.empty();
    }
  }

  /**
   * Returns a future of the value of {@code key}; as {@link Group#getAsync}. The codec runs on a
   * thread of the node, unless the value is in memory.
   *
   * @return fails with the exceptions of {@link #get(Object)}
   */
  public CompletableFuture<V> getAsync(K key) {
    String text = keys.write(key);
    V kept = kept(text);
    if (kept != null) {
      return CompletableFuture.completedFuture(kept);
    }
    TypedAnswer<V> answer = new TypedAnswer<>();
    answer.follow(group.answer(text), given -> read(answer, text, given.value(), false, 1));
    return answer;
  }

  /**
   * Returns the values of many keys, in the order of {@code wanted}, without the keys that the
   * source does not have; as {@link Group#getAll}.
   */
  public Map<K, V> getAll(Collection<? extends K> wanted) {
    Map<String, K> texts = new LinkedHashMap<>();
    wanted.forEach(key -> texts.put(keys.write(key), key));
    Map<String, V> kept = new HashMap<>();
    texts.keySet().forEach(text -> kept.computeIfAbsent(text, this::kept));
    List<String> others = texts.keySet().stream().filter(text -> !kept.containsKey(text)).toList();
    Map<K, V> found = new LinkedHashMap<>();
    try {
      Map<String, ByteView> given = group.getAll(others);
      for (Map.Entry<String, K> each : texts.entrySet()) {
        V value = kept.get(each.getKey());
        if (value == null) {
          value = readOrNull(each.getKey(), given.get(each.getKey()));
        }
        if (value != null) {
          found.put(each.getValue(), value);
        }
      }
    } catch (CacheException failure) {
      throw Unchecked.of(failure);
    }
    return found;
  }

  /** Returns null for a key that is absent, if only when it is loaded anew. */
  private @Nullable V readOrNull(String text, @Nullable ByteView given) throws CacheException {
    try {
      return given == null ? null : read(text, given, group.waitTimeout());
    } catch (KeyNotFoundException absent) {
      return null;
    }
  }

  /**
   * Stores {@code value} for the time of the group; as {@link Group#set}.
   *
   * @throws Unchecked.NotReachedException if not all nodes acknowledged
   * @throws Unchecked.OverloadedException if too many changes are under way on this node
   * @throws ValueTooLargeException as {@link Group#set} does
   * @throws IllegalArgumentException if the codec cannot write the value; nothing is changed
   */
  public void set(K key, V value) {
    set(key, value, null);
  }

  /** Stores {@code value} for {@code timeToLive}; as {@link #set(Object, Object)}. */
  public void set(K key, V value, @Nullable Duration timeToLive) {
    String text = keys.write(key);
    ByteView bytes = encode(value);
    change(() -> group.set(text, bytes, timeToLive));
  }

  /** Removes {@code key} on every node; as {@link Group#remove}. */
  public void remove(K key) {
    String text = keys.write(key);
    change(() -> group.remove(text));
  }

  /** Removes each of {@code removed} on every node; as {@link Group#removeAll}. */
  public void removeAll(Collection<? extends K> removed) {
    List<String> texts = texts(removed);
    change(() -> group.removeAll(texts));
  }

  /** Removes everything on every node; as {@link Group#clear}. */
  public void clear() {
    change(group::clear);
  }

  /** As {@link #set(Object, Object, Duration)}, without blocking; as {@link Group#setAsync}. */
  public CompletableFuture<Void> setAsync(K key, V value, @Nullable Duration timeToLive) {
    return unchecked(group.setAsync(keys.write(key), encode(value), timeToLive));
  }

  /** As {@link #remove}, without blocking; as {@link Group#removeAsync}. */
  public CompletableFuture<Void> removeAsync(K key) {
    return unchecked(group.removeAsync(keys.write(key)));
  }

  /** As {@link #removeAll}, without blocking; as {@link Group#removeAllAsync}. */
  public CompletableFuture<Void> removeAllAsync(Collection<? extends K> removed) {
    return unchecked(group.removeAllAsync(texts(removed)));
  }

  /** As {@link #clear}, without blocking; as {@link Group#clearAsync}. */
  public CompletableFuture<Void> clearAsync() {
    return unchecked(group.clearAsync());
  }

  private List<String> texts(Collection<? extends K> many) {
    List<String> texts = new ArrayList<>(many.size());
    many.forEach(key -> texts.add(keys.write(key)));
    return texts;
  }

  private ByteView encode(V value) {
    if (value == null) {
      throw new IllegalArgumentException("value is required");
    }
    return ByteView.of(EncodingGetter.encode(values, value));
  }

  /** A change that blocks. */
  private interface Change {
    void run() throws CacheException;
  }

  private static void change(Change change) {
    try {
      change.run();
    } catch (CacheException failure) {
      throw Unchecked.of(failure);
    }
  }

  private static CompletableFuture<Void> unchecked(CompletableFuture<Void> change) {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    change.whenComplete(
        (none, failure) -> {
          if (failure == null) {
            answer.complete(null);
          } else {
            answer.completeExceptionally(TypedAnswer.uncheckedOf(failure));
          }
        });
    return answer;
  }

  /** Returns the object that is kept of the value in memory; null if there is none. */
  @SuppressWarnings("unchecked") // Only our own codec is the reader.
  private @Nullable V kept(String text) {
    if (size == null) {
      return null;
    }
    Decoded decoded = group.engine.reads.getDecoded(text, values);
    return decoded == null ? null : (V) decoded.value();
  }

  /** Keeps {@code value} beside the bytes that it was made of, if those are in memory. */
  private void keep(String text, ByteView bytes, V value, ToLongFunction<? super V> sizes) {
    GroupStore store = group.engine.parts.store();
    if (!store.holds(text, bytes)) {
      return;
    }
    long heap = sizeOf(value, sizes);
    if (heap < 0) {
      unknownSizes.note(value.getClass());
    } else if (heap <= Integer.MAX_VALUE) {
      store.keepDecoded(text, bytes, new Decoded(value, values, (int) heap));
    }
  }

  /** Returns -1 for what must not be kept: callers can change an array. */
  private long sizeOf(V value, ToLongFunction<? super V> sizes) {
    try {
      return value.getClass().isArray() ? -1 : sizes.applyAsLong(value);
    } catch (RuntimeException unknown) {
      return -1;
    }
  }

  private V read(String text, ByteView given, Duration wait) throws CacheException {
    return this.<CacheException>readOrAnew(
        text, given, unreadable -> group.engine.reads.getAnew(text, unreadable, wait));
  }

  /** As {@link #read(String, ByteView, Duration)}, where the caller loads. */
  private <E extends Exception> V read(String text, ByteView given, Loader<E> loader)
      throws CacheException, E {
    return this.<E>readOrAnew(
        text, given, unreadable -> group.engine.loaderReads.getAnew(text, unreadable, loader));
  }

  /** Gets a key anew, whose value the codec cannot read. */
  private interface Anew<E extends Exception> {
    CachedValue get(ByteView unreadable) throws CacheException, E;
  }

  /** Reads {@code given}, or what comes in its place if the codec cannot read it. */
  private <E extends Exception> V readOrAnew(String text, ByteView given, Anew<E> anew)
      throws CacheException, E {
    ByteView bytes = given;
    boolean last = false;
    for (int reloads = 1; ; reloads++) {
      try {
        return decode(text, bytes);
      } catch (UnreadableException unreadable) {
        if (last) {
          throw failed(unreadable);
        }
        CachedValue loaded = anew.get(bytes);
        bytes = loaded.value();
        last = isLast(loaded, reloads);
      }
    }
  }

  /** As {@link #read}, without blocking. */
  private void read(TypedAnswer<V> answer, String text, ByteView bytes, boolean last, int reloads) {
    try {
      answer.complete(decode(text, bytes));
    } catch (UnreadableException unreadable) {
      if (last) {
        answer.completeExceptionally(Unchecked.of(failed(unreadable)));
      } else {
        answer.follow(
            group.engine.reads.answerAnew(text, bytes),
            anew -> read(answer, text, anew.value(), isLast(anew, reloads), reloads + 1));
      }
    }
  }

  /** Whether there is no use in loading a value once more: the source gave this one. */
  private static boolean isLast(CachedValue anew, int reloads) {
    return anew.origin() == Origin.MISS
        || anew.origin() == Origin.EXPIRED
        || reloads == MOST_RELOADS;
  }

  private V decode(String text, ByteView bytes) throws UnreadableException {
    V value;
    try {
      value = values.decode(bytes.toByteArray());
      if (value == null) {
        throw new IllegalArgumentException("the codec read null");
      }
    } catch (Exception failure) {
      group.engine.unreadable.note(text, failure);
      throw new UnreadableException(failure);
    }
    if (size != null) {
      keep(text, bytes, value, size);
    }
    return value;
  }

  private LoadException failed(UnreadableException unreadable) {
    return new LoadException(
        "the codec of group " + group.name() + " cannot read what the source gave",
        unreadable.getCause());
  }
}
