package geecache.internal;

/**
 * Escapes what must not reach a log line or an error body as it is: control characters, line and
 * paragraph separators, unpaired surrogates, and characters that nobody sees, such as those without
 * a width and those that change the direction of the text around them. A key of {@code \r\n[Server
 * evil]} then shows as a key, and not as a line of its own, and two keys never look the same
 * because of a character that cannot be seen.
 */
public final class ControlCharacters {
  /** The first and the last character of each range of {@link #isUnseen}, in order. */
  private static final int[] UNSEEN = {
    0xad, 0xad, 0x34f, 0x34f, 0x61c, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180f, //
    0x200b, 0x200f, 0x202a, 0x202e, 0x2060, 0x206f, 0x3164, 0x3164, 0xfe00, 0xfe0f, //
    0xfeff, 0xfeff, 0xffa0, 0xffa0, 0xfff0, 0xfffb, 0x1bca0, 0x1bca3, 0x1d173, 0x1d17a, //
    0xe0000, 0xe0fff
  };

  private ControlCharacters() {}

  /**
   * Returns {@code text} with {@code \r}, {@code \n} and {@code \t} for those three, a backslash,
   * {@code u} and four hexadecimal digits for each UTF-16 code unit of the others, and all else
   * unchanged. Without any of them it returns {@code text} itself.
   */
  public static String escape(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (mustEscape(text, i)) {
        return escapeFrom(text, i);
      }
    }
    return text;
  }

  private static String escapeFrom(String text, int first) {
    StringBuilder out = new StringBuilder(text.length() + 16).append(text, 0, first);
    for (int i = first; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!mustEscape(text, i)) {
        out.append(c);
        continue;
      }
      switch (c) {
        case '\r' -> out.append("\\r");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        default -> out.append(String.format("\\u%04x", (int) c));
      }
    }
    return out.toString();
  }

  /**
   * Whether the code unit at {@code index} must not be shown as it is. A pair of surrogates is
   * escaped as a whole: both of its code units, or none.
   */
  static boolean mustEscape(String text, int index) {
    char c = text.charAt(index);
    if (c >= ' ' && c < '\u007f') {
      return false; // Nearly all text of nearly all callers.
    }
    if (!Character.isSurrogate(c)) {
      return Character.isISOControl(c) || isSeparator(c) || isUnseen(c);
    }
    int first = Character.isLowSurrogate(c) ? index - 1 : index;
    return first < 0
        || first + 1 == text.length()
        || !Character.isSurrogatePair(text.charAt(first), text.charAt(first + 1))
        || isUnseen(text.codePointAt(first));
  }

  private static boolean isSeparator(char c) {
    return c == '\u2028' || c == '\u2029';
  }

  /**
   * Whether a character is one of Unicode's {@code Default_Ignorable_Code_Point}, which are shown
   * as nothing at all, or encloses an annotation. Among them are the joiners, the variation
   * selectors, the tags, and all that change the direction (UAX #9, section 2).
   */
  private static boolean isUnseen(int c) {
    for (int i = 0; i < UNSEEN.length && c >= UNSEEN[i]; i += 2) {
      if (c <= UNSEEN[i + 1]) {
        return true;
      }
    }
    return false;
  }
}
