package geecache;

import geecache.CachedValue.Origin;
import geecache.codec.Codec;
import geecache.codec.KeyCodec;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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
  private final TypedValues<V> values;

  Cached(Group group, KeyCodec<K> keys, Codec<V> values, @Nullable ToLongFunction<? super V> size) {
    this.group = group;
    this.keys = keys;
    this.values = new TypedValues<>(group.engine, values, size);
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
    V kept = values.kept(text);
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
    V kept = values.kept(text);
    if (kept != null) {
      return kept;
    }
    Loader<E> encoding = wanted -> values.encoded(loader.load(key));
    try {
      return read(text, group.get(text, encoding), encoding);
    } catch (CacheException failure) {
      throw Unchecked.of(failure);
    }
  }

  /**
   * Returns the value of {@code key} if this node or the owner of the key has it in memory; as
   * {@link Group#getIfPresent}. Empty too if the codec cannot read the value, which this node
   * forgets then.
   */
  public Optional<V> getIfPresent(K key) {
    String text = keys.write(key);
    V kept = values.kept(text);
    if (kept != null) {
      return Optional.of(kept);
    }
    ByteView bytes = group.getIfPresent(text).orElse(null);
    try {
      return bytes == null ? Optional.empty() : Optional.of(values.decode(text, bytes));
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
    ByteView bytes = values.encode(value);
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
    V kept = values.kept(text);
    if (kept != null) {
      return CompletableFuture.completedFuture(kept);
    }
    return answer(
        text, group.answer(text), unreadable -> group.engine.reads.answerAnew(text, unreadable));
  }

  /**
   * Returns a future of the value of {@code key}, which this caller loads itself if nobody else has
   * or does; as {@link Group#getAsync(String, AsyncLoader)}. The codec runs on the thread on which
   * the stage of {@code loader} ends, or on a thread of the node.
   *
   * @return fails with what {@code loader} throws or its stage ends with, if it is that of this
   *     caller; else with the exceptions of {@link #get(Object, TypedLoader)}
   */
  public CompletableFuture<V> getAsync(K key, TypedAsyncLoader<? super K, V> loader) {
    Objects.requireNonNull(loader, "a loader is required");
    String text = keys.write(key);
    V kept = values.kept(text);
    if (kept != null) {
      return CompletableFuture.completedFuture(kept);
    }
    AsyncLoader encoding = wanted -> encoded(loader.load(key));
    return answer(
        text,
        group.engine.asyncLoads.answer(text, encoding),
        unreadable -> group.engine.asyncLoads.answerAnew(text, unreadable, encoding));
  }

  private @Nullable CompletionStage<Value> encoded(@Nullable CompletionStage<V> stage) {
    return stage == null ? null : stage.thenApply(values::encoded);
  }

  /**
   * Returns the values of many keys, in the order of {@code wanted}, without the keys that the
   * source does not have; as {@link Group#getAll(Collection)}.
   */
  public Map<K, V> getAll(Collection<? extends K> wanted) {
    return this.<RuntimeException>getAll(
        texts(wanted),
        group::getAll,
        (text, unreadable) -> {
          try {
            return group.engine.reads.getAnew(text, unreadable, group.waitTimeout());
          } catch (KeyNotFoundException absent) {
            return null;
          }
        });
  }

  /**
   * Returns the values of many keys, in the order of {@code wanted}, without those that are absent.
   * This caller loads the keys itself that nobody else has or loads, with one call of {@code
   * loader}; as {@link Group#getAll(Collection, BulkLoader)}.
   *
   * @throws E what {@code loader} throws
   * @throws Unchecked.LoadException if {@code loader} returns null, a key that it was not asked
   *     for, or null for a key; or if the loader of another caller failed
   * @throws Unchecked.CacheException as {@link #getAll(Collection)} does
   */
  public <E extends Exception> Map<K, V> getAll(
      Collection<? extends K> wanted, TypedBulkLoader<K, V, E> loader) throws E {
    Objects.requireNonNull(loader, "a loader is required");
    Map<String, K> texts = texts(wanted);
    BulkLoader<E> encoding = some -> encoded(loader.loadAll(keysOf(some, texts)));
    return this.<E>getAll(
        texts,
        some -> group.getAll(some, encoding),
        (text, unreadable) -> group.engine.loaderReads.getOneAnew(text, unreadable, encoding));
  }

  private static <K> Set<K> keysOf(Set<String> some, Map<String, K> texts) {
    Set<K> keys = new LinkedHashSet<>();
    some.forEach(text -> keys.add(texts.get(text)));
    return Collections.unmodifiableSet(keys);
  }

  private @Nullable Map<String, Value> encoded(@Nullable Map<K, V> found) {
    if (found == null) {
      return null;
    }
    Map<String, Value> all = new HashMap<>();
    found.forEach((key, value) -> all.put(keys.write(key), values.encoded(value)));
    return all;
  }

  /** Gets many keys as bytes. */
  private interface Many<E extends Exception> {
    Map<String, ByteView> get(List<String> texts) throws CacheException, E;
  }

  /** Gets one of many keys anew, whose value the codec cannot read. */
  private interface OneAnew<E extends Exception> {
    /** Returns null if the key is absent. */
    @Nullable CachedValue get(String text, ByteView unreadable) throws CacheException, E;
  }

  private <E extends Exception> Map<K, V> getAll(
      Map<String, K> texts, Many<E> many, OneAnew<E> anew) throws E {
    Map<String, V> kept = new HashMap<>();
    texts.keySet().forEach(text -> kept.computeIfAbsent(text, values::kept));
    List<String> others = texts.keySet().stream().filter(text -> !kept.containsKey(text)).toList();
    Map<K, V> found = new LinkedHashMap<>();
    try {
      Map<String, ByteView> given = many.get(others);
      for (Map.Entry<String, K> each : texts.entrySet()) {
        V value = kept.get(each.getKey());
        if (value == null) {
          value = this.<E>readOrNull(each.getKey(), given.get(each.getKey()), anew);
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
  private <E extends Exception> @Nullable V readOrNull(
      String text, @Nullable ByteView given, OneAnew<E> anew) throws CacheException, E {
    return given == null
        ? null
        : this.<E>readOrAnew(text, given, unreadable -> anew.get(text, unreadable));
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
    ByteView bytes = values.encode(value);
    change(() -> group.set(text, bytes, timeToLive));
  }

  /** Removes {@code key} on every node; as {@link Group#remove}. */
  public void remove(K key) {
    String text = keys.write(key);
    change(() -> group.remove(text));
  }

  /** Removes each of {@code removed} on every node; as {@link Group#removeAll}. */
  public void removeAll(Collection<? extends K> removed) {
    Set<String> texts = texts(removed).keySet();
    change(() -> group.removeAll(texts));
  }

  /** Removes everything on every node; as {@link Group#clear}. */
  public void clear() {
    change(group::clear);
  }

  /** As {@link #set(Object, Object, Duration)}, without blocking; as {@link Group#setAsync}. */
  public CompletableFuture<Void> setAsync(K key, V value, @Nullable Duration timeToLive) {
    return unchecked(group.setAsync(keys.write(key), values.encode(value), timeToLive));
  }

  /** As {@link #remove}, without blocking; as {@link Group#removeAsync}. */
  public CompletableFuture<Void> removeAsync(K key) {
    return unchecked(group.removeAsync(keys.write(key)));
  }

  /** As {@link #removeAll}, without blocking; as {@link Group#removeAllAsync}. */
  public CompletableFuture<Void> removeAllAsync(Collection<? extends K> removed) {
    return unchecked(group.removeAllAsync(texts(removed).keySet()));
  }

  /** As {@link #clear}, without blocking; as {@link Group#clearAsync}. */
  public CompletableFuture<Void> clearAsync() {
    return unchecked(group.clearAsync());
  }

  /** Returns the keys by their texts, in their order. */
  private Map<String, K> texts(Collection<? extends K> many) {
    Map<String, K> texts = new LinkedHashMap<>();
    many.forEach(key -> texts.put(keys.write(key), key));
    return texts;
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

  private V read(String text, ByteView given, Duration wait) throws CacheException {
    return Objects.requireNonNull(
        this.<CacheException>readOrAnew(
            text, given, unreadable -> group.engine.reads.getAnew(text, unreadable, wait)));
  }

  /** As {@link #read(String, ByteView, Duration)}, where the caller loads. */
  private <E extends Exception> V read(String text, ByteView given, Loader<E> loader)
      throws CacheException, E {
    return Objects.requireNonNull(
        this.<E>readOrAnew(
            text, given, unreadable -> group.engine.loaderReads.getAnew(text, unreadable, loader)));
  }

  /** Gets a key anew, whose value the codec cannot read. */
  private interface Anew<E extends Exception> {
    /** May return null if the key is absent. */
    @Nullable CachedValue get(ByteView unreadable) throws CacheException, E;
  }

  /**
   * Reads {@code given}, or what comes in its place if the codec cannot read it; returns null if
   * {@code anew} does.
   */
  private <E extends Exception> @Nullable V readOrAnew(String text, ByteView given, Anew<E> anew)
      throws CacheException, E {
    ByteView bytes = given;
    boolean last = false;
    for (int reloads = 1; ; reloads++) {
      try {
        return values.decode(text, bytes);
      } catch (UnreadableException unreadable) {
        if (last) {
          throw values.failed(unreadable);
        }
        CachedValue loaded = anew.get(bytes);
        if (loaded == null) {
          return null;
        }
        bytes = loaded.value();
        last = isLast(loaded, reloads);
      }
    }
  }

  /** As {@link Anew}, without blocking. */
  private interface AnewLater {
    CompletableFuture<CachedValue> get(ByteView unreadable);
  }

  private TypedAnswer<V> answer(String text, CompletableFuture<CachedValue> get, AnewLater anew) {
    TypedAnswer<V> answer = new TypedAnswer<>();
    answer.follow(get, given -> read(answer, text, anew, given.value(), false, 1));
    return answer;
  }

  /** As {@link #readOrAnew}, without blocking. */
  private void read(
      TypedAnswer<V> answer,
      String text,
      AnewLater anew,
      ByteView bytes,
      boolean last,
      int reloads) {
    try {
      answer.complete(values.decode(text, bytes));
    } catch (UnreadableException unreadable) {
      if (last) {
        answer.completeExceptionally(Unchecked.of(values.failed(unreadable)));
      } else {
        answer.follow(
            anew.get(bytes),
            next -> read(answer, text, anew, next.value(), isLast(next, reloads), reloads + 1));
      }
    }
  }

  /** Whether there is no use in loading a value once more: the source gave this one. */
  private static boolean isLast(CachedValue anew, int reloads) {
    return anew.origin() == Origin.MISS
        || anew.origin() == Origin.EXPIRED
        || reloads == MOST_RELOADS;
  }
}
