package geecache.internal;

/**
 * Escapes what must not reach a log line or an error body as it is: control characters, line and
 * paragraph separators, characters that change the direction of the text around them, and unpaired
 * surrogates. A key of {@code \r\n[Server evil]} then shows as a key, and not as a line of its own.
 */
public final class ControlCharacters {
  /** Causes may go round in a circle. */
  private static final int MAX_CAUSES = 20;

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

  /**
   * Returns a stand-in for {@code thrown} that is logged like it, its stack trace and causes
   * included, with all messages escaped. It is for the log only.
   */
  public static Throwable escape(Throwable thrown) {
    return new Escaped(thrown, MAX_CAUSES);
  }

  /** Has the name, message and stack trace of another throwable. */
  private static final class Escaped extends Throwable {
    private static final long serialVersionUID = 1;

    private final String text;

    Escaped(Throwable of, int causes) {
      super(
          null,
          of.getCause() == null || causes == 0 ? null : new Escaped(of.getCause(), causes - 1));
      text = escape(String.valueOf(of));
      setStackTrace(of.getStackTrace());
    }

    @Override
    public String toString() {
      return text;
    }
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
