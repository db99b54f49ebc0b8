package geecache;

import org.jspecify.annotations.Nullable;

/**
 * How a change of one key was carried out on this node.
 *
 * @param voids whether the loads and fetches of the key that are under way are void
 * @param later the stamp of the later change because of which this one left things as they are;
 *     null if there was none
 */
record Carried(boolean voids, @Nullable Stamp later) {
  /** A value was not stored, since the key has one. */
  static final Carried PRESENT = new Carried(false, null);

  static final Carried OUT = new Carried(true, null);
}
