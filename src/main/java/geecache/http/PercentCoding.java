package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;

/**
 * Percent-encoding of UTF-8 (RFC 3986, section 2.1), decoded strictly. Containers differ in how
 * they decode malformed escapes and bytes that are not UTF-8, and a cache must not guess a key.
 */
final class PercentCoding {
  private static final String UNRESERVED_MARKS = "-._~";
  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private PercentCoding() {}

  /**
   * Returns {@code raw} decoded; null if it is malformed. Malformed are an escape without two
   * hexadecimal digits, bytes that are not UTF-8, and a character outside of printable ASCII, which
   * should have been escaped.
   *
   * @param plusIsSpace whether {@code +} stands for a space, as HTML forms write it in queries
   */
  static @Nullable String decode(String raw, boolean plusIsSpace) {
    if (isPlain(raw, plusIsSpace)) {
      return raw;
    }
    byte[] bytes = new byte[raw.length()];
    int length = 0;
    for (int i = 0; i < raw.length(); i++) {
      int octet = raw.charAt(i);
      if (octet == '%') {
        octet = i + 2 < raw.length() ? hexPair(raw.charAt(i + 1), raw.charAt(i + 2)) : -1;
        i += 2;
      } else if (octet <= ' ' || octet > '~') {
        octet = -1;
      } else if (octet == '+' && plusIsSpace) {
        octet = ' ';
      }
      if (octet < 0) {
        return null;
      }
      bytes[length++] = (byte) octet;
    }
    return decodeUtf8(ByteBuffer.wrap(bytes, 0, length));
  }

  private static boolean isPlain(String raw, boolean plusIsSpace) {
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c <= ' ' || c > '~' || c == '%' || (c == '+' && plusIsSpace)) {
        return false;
      }
    }
    return true;
  }

  /** Returns {@code text} with all bytes escaped except unreserved characters. */
  static String encode(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (byte octet : text.getBytes(UTF_8)) {
      char c = (char) (octet & 0xff);
      if (isUnreserved(c)) {
        out.append(c);
      } else {
        out.append('%').append(HEX[c >> 4]).append(HEX[c & 0xf]);
      }
    }
    return out.toString();
  }

  private static boolean isUnreserved(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || UNRESERVED_MARKS.indexOf(c) >= 0;
  }

  /** Returns -1 unless both are ASCII hexadecimal digits. */
  private static int hexPair(char high, char low) {
    int upper = hexDigit(high);
    int lower = hexDigit(low);
    return upper < 0 || lower < 0 ? -1 : upper << 4 | lower;
  }

  /** {@link Character#digit} would accept the digits of other scripts too. */
  private static int hexDigit(char c) {
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }

  private static @Nullable String decodeUtf8(ByteBuffer bytes) {
    try {
      return UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException malformed) {
      return null;
    }
  }
}
