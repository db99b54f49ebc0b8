package geecache.internal;

import java.util.regex.Pattern;

/** What the version of a group's values may be. Nodes write it behind the name of the group. */
public final class ValueVersion {
  /** The version of the values of a group that names none. */
  public static final String NONE = "";

  /** The rule, in words. */
  public static final String RULE = "1 to 64 of A-Z a-z 0-9 . _ ~ -";

  /** Of letters that need no escaping anywhere. */
  public static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9._~-]{1,64}");

  private ValueVersion() {}

  /** Whether {@code text} is a version, or {@link #NONE}. */
  public static boolean isValid(String text) {
    return text.isEmpty() || PATTERN.matcher(text).matches();
  }
}
