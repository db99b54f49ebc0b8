package geecache.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/** Entity tags (RFC 9110, section 8.8.3), and their match with {@code If-None-Match} (13.1.2). */
final class EntityTags {
  private static final byte[] HEX = "0123456789abcdef".getBytes(ISO_8859_1);

  private EntityTags() {}

  /**
   * Returns a strong entity tag of 16 hexadecimal digits. Each hit makes one, so it is built in one
   * array.
   */
  static String of(long digest) {
    byte[] tag = new byte[18];
    tag[0] = '"';
    for (int i = 1, shift = 60; shift >= 0; i++, shift -= 4) {
      tag[i] = HEX[(int) (digest >>> shift) & 0xf];
    }
    tag[17] = '"';
    return new String(tag, ISO_8859_1);
  }

  /**
   * Whether {@code header} is {@code *} or lists {@code etag}. {@code If-None-Match} uses the weak
   * comparison (section 8.8.3.2). A header that is not a list of entity tags matches nothing.
   *
   * @param etag a strong entity tag, quotes included
   */
  static boolean hasMatch(String header, String etag) {
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
