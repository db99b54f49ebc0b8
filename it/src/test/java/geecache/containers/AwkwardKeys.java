package geecache.containers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Keys that something between a client and a getter is likely to change. */
public final class AwkwardKeys {
  private static final List<String> SPACES =
      List.of(" ", "a b", " a", "a ", "a  b", "+", "a+b", "a +b", "\u00a0", "\u3000");

  private static final List<String> PERCENTS =
      List.of(
          "%",
          "%%",
          "%2",
          "%2F",
          "a%2Fb",
          "%25",
          "%2525",
          "a%b",
          "%zz",
          "%00",
          "%0d%0a",
          "100%",
          "%E4%B8%AD",
          "%FF",
          "%u0041",
          "%2e%2e%2f");

  private static final List<String> SEGMENTS =
      List.of(
          "/",
          "//",
          "///",
          "/a",
          "a/",
          "a/b",
          "a/b/c",
          "a//b",
          "//a",
          "a//",
          "/a/",
          "/_geecache/a",
          ".",
          "..",
          "...",
          "./a",
          "a/.",
          "a/..",
          "a/./b",
          "a/../b",
          "../a",
          "a/../../b",
          "../scores/Tom",
          ".hidden",
          "a.",
          "http://a/b");

  private static final List<String> DELIMITERS =
      List.of(
          ";",
          "a;",
          ";x=1",
          "a;x=1",
          "a;x=1/b",
          "a/;/b",
          "..;/a",
          ";jsessionid=1A",
          "a;jsessionid=1A",
          "?",
          "a?b",
          "a?key=b",
          "#",
          "a#b",
          "&",
          "a&b",
          "a&key=b",
          "=",
          "a=b",
          "key=",
          "key=a",
          ":",
          "@",
          "!",
          "$",
          "'",
          "(",
          ")",
          "*",
          ",",
          "~",
          "a,b",
          "[",
          "]",
          "\\",
          "a\\b",
          "..\\a",
          "|",
          "\"",
          "<",
          ">",
          "<script>",
          "{",
          "}",
          "${a}",
          "^",
          "`",
          "a|b");

  private static final List<String> CONTROLS =
      List.of(
          "\0",
          "a\0b",
          "\1",
          "\t",
          "a\tb",
          "\n",
          "a\nb",
          "\r",
          "\r\n",
          "\r\n[Server evil]",
          "\b",
          "\f",
          "\33[31m",
          "\177",
          "a\177",
          "\u0080",
          "\u0085",
          "\u009f",
          "\u2028",
          "\u2029");

  private static final List<String> SCRIPTS =
      List.of(
          "\u00e9", // composed (NFC)
          "e\u0301", // decomposed (NFD)
          "\u4e2d\u6587",
          "\u4e2d/\u6587",
          "\uff0fa", // a full-width slash
          "\u0130\u0131", // letters whose case depends on the language
          "\u00df\u1e9e",
          "\ufb01", // a ligature
          "\u05d0\u05d1\u05d2",
          "\u0645\u0631\u062d\u0628\u0627 a",
          "\u202eabc\u202c",
          "\u2066a\u2069",
          "\u200ea\u200f",
          "\u200b",
          "a\u200db",
          "\u00ad");

  private static final List<String> CODE_POINTS =
      List.of(
          "\ud83d\ude00",
          "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67",
          "\ud83c\uddeb\ud83c\uddf7",
          "\ud83d\udc4d\ud83c\udffd",
          "\ufeff",
          "\ufeffa",
          "\ufffd",
          "\ufffe",
          "\uffff",
          "\ue000",
          "\ud7ff",
          "\udbff\udfff", // U+10FFFF
          "\ud800\udc00");

  private static final List<String> LONG =
      List.of("a".repeat(2048), "%".repeat(2048), "\u4e2d".repeat(682) + "ab", "a/".repeat(100));

  private AwkwardKeys() {}

  /** Returns all of them. */
  public static List<String> all() {
    List<String> keys = new ArrayList<>();
    Stream.of(SPACES, PERCENTS, SEGMENTS, DELIMITERS, CONTROLS, SCRIPTS, CODE_POINTS, LONG)
        .forEach(keys::addAll);
    return keys;
  }

  /** Every key on every site: the site, a printable name of the key, the key. */
  static Stream<Arguments> everywhere() {
    return Site.serving()
        .flatMap(site -> all().stream().map(key -> Arguments.of(site, printable(key), key)));
  }

  /** Returns {@code key} with every byte escaped that is not an unreserved character. */
  static String encode(String key) {
    StringBuilder out = new StringBuilder();
    for (byte octet : key.getBytes(UTF_8)) {
      char c = (char) (octet & 0xff);
      boolean unreserved = String.valueOf(c).matches("[A-Za-z0-9._~-]");
      out.append(unreserved ? String.valueOf(c) : String.format("%%%02X", (int) c));
    }
    return out.toString();
  }

  /** Returns the start of {@code key} without anything that cannot be seen, and its length. */
  public static String printable(String key) {
    IntStream start = key.chars().limit(40);
    StringBuilder out = new StringBuilder();
    start.forEach(
        c ->
            out.append(
                c > ' ' && c < 0x7f ? String.valueOf((char) c) : String.format("\\u%04x", c)));
    return out.append(" (").append(key.length()).append(" chars)").toString();
  }
}
