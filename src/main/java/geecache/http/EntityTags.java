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
    int at = 0;
    while (at < list.length()) {
      int open = list.startsWith("W/", at) ? at + 2 : at;
      int close = list.startsWith("\"", open) ? list.indexOf('"', open + 1) : -1;
      if (close < 0) {
        return false;
      }
      if (list.regionMatches(open, etag, 0, etag.length()) && close - open + 1 == etag.length()) {
        return true;
      }
      at = close + 1;
      while (at < list.length() && (list.charAt(at) == ',' || list.charAt(at) == ' ')) {
        at++;
      }
    }
    return false;
  }
}
