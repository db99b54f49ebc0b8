package geecache;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Loads many keys with one call of the source: a query with {@code in}, a request for many ids.
 * Registered by {@link GroupBuilder#registerBulk}. A load that finds a free place calls at once,
 * with the loads that wait by then. Loads that come while all places are taken wait, hold no
 * thread, and leave together in the next call, whether they come from {@code getAll}, other nodes
 * or single gets. There is no timer: the busier the source is, the more keys a call has.
 *
 * <p>Each key keeps its own load: a removal voids that of its own key only, and each has an outcome
 * of its own. All loads of a call began before it, so that no value is older than the one that a
 * load would have read by itself. They share one load timeout.
 *
 * <p>In all else this is a {@link Getter}, whose methods load one key.
 */
@FunctionalInterface
public interface BulkGetter extends Getter {
  /** How many calls run at once, unless the group or the getter says otherwise. */
  int DEFAULT_CALLS = 4;

  /** What came of one key of a call. Immutable. */
  final class Answer {
    private static final Answer ALONE = new Answer(null, null);

    /** Null unless there is a value. */
    private final @Nullable Value value;

    /** Null unless the key is absent or its load failed. */
    private final @Nullable Exception failure;

    private Answer(@Nullable Value value, @Nullable Exception failure) {
      this.value = value;
      this.failure = failure;
    }

    /** Returns the answer for a key that has {@code value}. */
    public static Answer of(Value value) {
      return new Answer(Objects.requireNonNull(value), null);
    }

    /**
     * Returns the answer for a key that has no value because of {@code failure}, which decides what
     * callers see as what {@link Getter#get} throws does.
     */
    public static Answer failed(Exception failure) {
      return new Answer(null, Objects.requireNonNull(failure));
    }

    /**
     * Returns the answer for a key that the source can only be asked for by itself, such as one
     * that may have failed the call: its load waits for a place once more, and then calls {@link
     * Getter#load}.
     */
    public static Answer askAlone() {
      return ALONE;
    }

    boolean isAskAlone() {
      return this == ALONE;
    }

    /**
     * Returns the value of the key.
     *
     * @throws Exception why there is none
     */
    public Value value() throws Exception {
      if (failure != null) {
        throw failure;
      }
      return Objects.requireNonNull(value, "a key that was asked for alone has no answer");
    }
  }

  /**
   * Returns the values of many keys. A key that is missing in the result is absent.
   *
   * @param keys at least 1, and at most as many as a call may have; unmodifiable
   * @return the values, which the group copies; none of them null
   * @throws Exception if no key has a value; decides what callers see, as for {@link Getter#get}
   */
  Map<String, byte[]> getAll(Set<String> keys) throws Exception;

  /**
   * Returns what came of each of many keys. A key that is missing in the result is absent, and a
   * key that was not asked for is ignored. Groups call this method. Unless overridden, it calls
   * {@link #getAll}.
   *
   * @param keys as for {@link #getAll}
   * @throws Exception if all keys fail
   */
  default Map<String, Answer> loadAll(Set<String> keys) throws Exception {
    Map<String, byte[]> found = getAll(keys);
    if (found == null) {
      throw new NullPointerException("the getter returned null");
    }
    Map<String, Answer> answers = new HashMap<>();
    found.forEach((key, bytes) -> answers.put(key, answer(bytes)));
    return answers;
  }

  private static Answer answer(byte @Nullable [] bytes) {
    return bytes == null
        ? Answer.failed(new NullPointerException("the getter returned null for a key"))
        : Answer.of(Value.of(ByteView.of(bytes)));
  }

  /**
   * Returns how many keys a call may have. Asked once, when the group is registered; the group may
   * say less by {@link GroupBuilder#maxBatch}. Unless overridden, 100.
   *
   * @return at least 1; 1 if each key is loaded by itself
   */
  default int maxBatch() {
    return 100;
  }

  /** As {@link #load}. */
  @Override
  default byte[] get(String key) throws Exception {
    return load(key).bytes().toByteArray();
  }

  /** Returns the value of {@code key}, by a call for this key alone. */
  @Override
  default Value load(String key) throws Exception {
    Answer answer = loadAll(Set.of(key)).get(key);
    if (answer == null) {
      throw new KeyNotFoundException("no such key: " + key);
    }
    return answer.value();
  }
}
