package geecache.source;

/**
 * Finds the {@code ?} of a SQL text, where keys are bound. A {@code ?} in a literal, a quoted name
 * or a comment is text, and {@code ??} is an operator, as in pgjdbc.
 */
final class Placeholder {
  private Placeholder() {}

  /**
   * Returns the index of the only placeholder in {@code sql}.
   *
   * @param option the name of the option that has this text, for the message
   * @throws IllegalArgumentException if there is none, or more than one
   */
  static int indexIn(String option, String sql) {
    int found = -1;
    int count = 0;
    for (int i = next(sql, 0); i >= 0; i = next(sql, i + 1)) {
      found = i;
      count++;
    }
    if (count != 1) {
      throw new IllegalArgumentException(
          option + " must have exactly one ? for the key, and has " + count + ": " + sql);
    }
    return found;
  }

  /** Returns {@code sql} with {@code count} placeholders, separated by commas, at {@code index}. */
  static String repeated(String sql, int index, int count) {
    return sql.substring(0, index) + "?" + ",?".repeat(count - 1) + sql.substring(index + 1);
  }

  private static int next(String sql, int from) {
    int i = from;
    while (i < sql.length()) {
      char c = sql.charAt(i);
      if (c == '?' && !sql.startsWith("??", i)) {
        return i;
      }
      i = c == '?' ? i + 2 : afterText(sql, i);
    }
    return -1;
  }

  /** Returns the end of the literal, the comment or the one character that begins at {@code i}. */
  private static int afterText(String sql, int i) {
    char c = sql.charAt(i);
    if (c == '\'' || c == '"' || c == '`') {
      return after(sql, String.valueOf(c), i + 1);
    }
    if (sql.startsWith("--", i)) {
      return after(sql, "\n", i);
    }
    if (sql.startsWith("/*", i)) {
      return after(sql, "*/", i + 2);
    }
    return c == '$' ? afterDollar(sql, i) : i + 1;
  }

  /** Returns the end of PostgreSQL's {@code $$text$$} or {@code $tag$text$tag$}. */
  private static int afterDollar(String sql, int i) {
    int close = i + 1;
    while (close < sql.length()
        && Character.isJavaIdentifierPart(sql.charAt(close))
        && sql.charAt(close) != '$') {
      close++;
    }
    if (close == sql.length() || sql.charAt(close) != '$') {
      return i + 1;
    }
    return after(sql, sql.substring(i, close + 1), close + 1);
  }

  private static int after(String sql, String end, int from) {
    int found = sql.indexOf(end, from);
    return found < 0 ? sql.length() : found + end.length();
  }
}
