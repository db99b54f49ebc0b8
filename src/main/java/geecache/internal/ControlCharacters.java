package geecache.internal;

/**
 * Escapes what must not reach a log line or an error body as it is: control characters, line and
 * paragraph separators, characters that change the direction of the text around them, and unpaired
 * surrogates. A key of {@code \r\n[Server evil]} then shows as a key, and not as a line of its own.
 */
public final class ControlCharacters {
  private ControlCharacters() {}

  /**
   * Returns {@code text} with {@code \r}, {@code \n} and {@code \t} for those three, a backslash,
   * {@code u} and four hexadecimal digits for the others, and all else unchanged. Without any of
   * them it returns {@code text} itself.
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

  private static boolean mustEscape(String text, int index) {
    char c = text.charAt(index);
    if (Character.isSurrogate(c)) {
      return !isPaired(text, index);
    }
    return Character.isISOControl(c) || isSeparator(c) || changesDirection(c);
  }

  private static boolean isPaired(String text, int index) {
    if (Character.isHighSurrogate(text.charAt(index))) {
      return index + 1 < text.length() && Character.isLowSurrogate(text.charAt(index + 1));
    }
    return index > 0 && Character.isHighSurrogate(text.charAt(index - 1));
  }

  private static boolean isSeparator(char c) {
    return c == '\u2028' || c == '\u2029';
  }

  /** The explicit formatting characters of UAX #9, section 2, and the two marks. */
  private static boolean changesDirection(char c) {
    return (c >= '\u202a' && c <= '\u202e')
        || (c >= '\u2066' && c <= '\u2069')
        || c == '\u200e'
        || c == '\u200f'
        || c == '\u061c';
  }
}
