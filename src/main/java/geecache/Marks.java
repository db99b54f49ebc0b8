package geecache;

import org.jspecify.annotations.Nullable;

/**
 * All that only some entries bear, apart from them: an entry that bears none of it takes no memory
 * for it. Immutable.
 *
 * @param change the stamp of the {@code set} that stored the value; null if it was loaded
 * @param setHere whether this node carried that {@code set} out, which voided the loads and fetches
 *     before it; false if another node gave the value
 * @param about why there is no value, as a {@code String}, or the {@link Decoded} of the value;
 *     null for neither. No entry has both, so that one field does
 */
record Marks(@Nullable Stamp change, boolean setHere, @Nullable Object about) {
  /** Returns the marks of a value that this node sets. */
  static Marks set(Stamp change) {
    return new Marks(change, true, null);
  }

  /** Returns the marks of a value that another node gave; null if it was loaded there. */
  static @Nullable Marks given(@Nullable Stamp change) {
    return change == null ? null : new Marks(change, false, null);
  }

  /** Returns the marks of an entry that says "absent". */
  static Marks absent(String why) {
    return new Marks(null, false, why);
  }

  /** Returns {@code marks}, if there are any, with what a codec made of the value. */
  static Marks decoded(@Nullable Marks marks, Decoded decoded) {
    return marks == null
        ? new Marks(null, false, decoded)
        : new Marks(marks.change, marks.setHere, decoded);
  }

  /** Returns why there is no value; null if there is one. */
  @Nullable String absence() {
    return about instanceof String why ? why : null;
  }

  /** Returns what a codec made of the value; null if that is not kept. */
  @Nullable Decoded decoded() {
    return about instanceof Decoded decoded ? decoded : null;
  }
}
