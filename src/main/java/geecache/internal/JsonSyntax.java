package geecache.internal;

/**
 * Tells whether a text is JSON (RFC 8259), for texts of other nodes that become part of a larger
 * one: a text that ended early would take the rest with it. Reads no values.
 */
public final class JsonSyntax {
  /** The deepest nesting that is accepted: no text overflows the stack. */
  private static final int DEEPEST = 32;

  private static final String WHITESPACE = " \t\n\r";
  private static final String ESCAPES = "\"\\/bfnrt";

  private final String text;
  private int at;

  private JsonSyntax(String text) {
    this.text = text;
  }

  /** Whether {@code text} is one JSON object, with nothing after it but white space. */
  public static boolean isObject(String text) {
    JsonSyntax syntax = new JsonSyntax(text);
    syntax.skipSpace();
    return syntax.peek() == '{' && syntax.value(0) && syntax.at == text.length();
  }

  /** Reads a value and the space around it. */
  private boolean value(int depth) {
    skipSpace();
    boolean read =
        switch (peek()) {
          case '{' ->
              depth < DEEPEST && members('}', () -> string() && take(':') && value(depth + 1));
          case '[' -> depth < DEEPEST && members(']', () -> value(depth + 1));
          case '"' -> string();
          case 't' -> word("true");
          case 'f' -> word("false");
          case 'n' -> word("null");
          default -> number();
        };
    skipSpace();
    return read;
  }

  /** Reads one member, and says whether it was one. */
  private interface Member {
    boolean read();
  }

  private boolean members(char end, Member member) {
    at++;
    if (take(end)) {
      return true;
    }
    do {
      skipSpace();
      if (!member.read()) {
        return false;
      }
    } while (take(','));
    return take(end);
  }

  private boolean string() {
    if (peek() != '"') {
      return false;
    }
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"') {
        at++;
        return true;
      }
      if (c < ' ' || (c == '\\' && !escape())) {
        return false;
      }
    }
    return false;
  }

  /** Reads an escape but for its last character. */
  private boolean escape() {
    at++;
    if (peek() != 'u') {
      return ESCAPES.indexOf(peek()) >= 0;
    }
    for (int i = 0; i < 4; i++) {
      at++;
      if (peek() >= 0x80 || Character.digit(peek(), 16) < 0) {
        return false;
      }
    }
    return true;
  }

  private boolean number() {
    takeHere('-');
    if (!takeHere('0') && !digits()) {
      return false;
    }
    if (takeHere('.') && !digits()) {
      return false;
    }
    if (takeHere('e') || takeHere('E')) {
      if (!takeHere('+')) {
        takeHere('-');
      }
      return digits();
    }
    return true;
  }

  private boolean digits() {
    int begin = at;
    while (peek() >= '0' && peek() <= '9') {
      at++;
    }
    return at > begin;
  }

  private boolean word(String word) {
    boolean found = text.startsWith(word, at);
    at += found ? word.length() : 0;
    return found;
  }

  /** Takes {@code c}, with space before it. */
  private boolean take(char c) {
    skipSpace();
    return takeHere(c);
  }

  private boolean takeHere(char c) {
    boolean found = peek() == c;
    at += found ? 1 : 0;
    return found;
  }

  /** Returns the next character; 0, which begins nothing, at the end. */
  private char peek() {
    return at < text.length() ? text.charAt(at) : 0;
  }

  private void skipSpace() {
    while (at < text.length() && WHITESPACE.indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }
}
