package geecache.http;

/** Reads {@code If-None-Match} (RFC 9110, section 13.1.2). */
final class EntityTags {
  private EntityTags() {}

  /**
   * Whether {@code header} is {@code *} or lists {@code etag}, by the weak comparison (section
   * 8.8.3.2) that {@code If-None-Match} is made by. What is not a list of entity tags matches
   * nothing.
   *
   * @param etag a strong entity tag, quotes included
   */
  static boolean anyMatches(String header, String etag) {
    String list = header.strip();
    if (list.equals("*")) {
      return true;
    }
    int at = skipSeparators(list, 0);
    while (at < list.length()) {
      int open = list.startsWith("W/", at) ? at + 2 : at;
      int close = list.startsWith("\"", open) ? list.indexOf('"', open + 1) : -1;
      if (close < 0) {
        return false;
      }
      if (list.regionMatches(open, etag, 0, etag.length()) && close - open + 1 == etag.length()) {
        return true;
      }
      at = skipSeparators(list, close + 1);
    }
    return false;
  }

  /** Lists may have empty elements (section 5.6.1). */
  private static int skipSeparators(String list, int from) {
    int at = from;
    while (at < list.length() && ", \t".indexOf(list.charAt(at)) >= 0) {
      at++;
    }
    return at;
  }
}
