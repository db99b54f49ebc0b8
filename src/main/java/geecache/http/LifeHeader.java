package geecache.http;

import org.jspecify.annotations.Nullable;

/**
 * The header by which an answer tells a node what of a value's life is over, and what remains.
 *
 * @param ageMillis at least 0
 * @param leftMillis negative where the value is past its end, since the source fails
 */
record LifeHeader(long ageMillis, long leftMillis) {
  static final String NAME = "Geecache-Life";

  /** Returns what {@code header} says; null if that is malformed. */
  static @Nullable LifeHeader parse(String header) {
    int space = header.indexOf(' ');
    if (space < 0) {
      return null;
    }
    try {
      long age = Long.parseLong(header.substring(0, space));
      long left = Long.parseLong(header.substring(space + 1));
      return age < 0 ? null : new LifeHeader(age, left);
    } catch (NumberFormatException malformed) {
      return null;
    }
  }

  /** Returns how it is written on the wire. */
  @Override
  public String toString() {
    return ageMillis + " " + leftMillis;
  }
}
