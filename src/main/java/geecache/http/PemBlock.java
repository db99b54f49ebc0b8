package geecache.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A block of a PEM file (RFC 7468): what stands between its {@code BEGIN} and its {@code END}.
 *
 * @param label says what it is, such as {@code CERTIFICATE}
 * @param content the bytes; callers must not change them
 */
record PemBlock(String label, byte[] content) {
  private static final String BEGIN = "-----BEGIN ";
  private static final String LABEL = "[!-,.-~](?:[- ]?[!-,.-~])*";
  private static final Pattern FIRST_LINE = Pattern.compile("-----BEGIN (" + LABEL + ")-----\\s*");

  /**
   * Returns the blocks of a file. Text outside of blocks is skipped, as section 5.2 asks for.
   *
   * @throws IllegalArgumentException if one breaks the rules; the message has the line and no
   *     content
   */
  static List<PemBlock> parse(byte[] file) {
    List<String> lines = new String(file, ISO_8859_1).lines().toList();
    List<PemBlock> blocks = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).startsWith(BEGIN)) {
        continue;
      }
      int first = i;
      Matcher line = FIRST_LINE.matcher(lines.get(i));
      if (!line.matches()) {
        throw new IllegalArgumentException("line " + (first + 1) + " begins no block of PEM");
      }
      String label = line.group(1);
      StringBuilder base64 = new StringBuilder();
      for (i++; i < lines.size() && !lines.get(i).startsWith("-----"); i++) {
        base64.append(lines.get(i).strip());
      }
      if (i == lines.size() || !lines.get(i).strip().equals("-----END " + label + "-----")) {
        throw new IllegalArgumentException(
            "the block that begins at line " + (first + 1) + " has no end");
      }
      blocks.add(new PemBlock(label, decode(base64.toString(), first + 1)));
    }
    return blocks;
  }

  private static byte[] decode(String base64, int line) {
    if (base64.indexOf(':') >= 0) { // Of RFC 1421: such as "Proc-Type: 4,ENCRYPTED".
      throw new IllegalArgumentException(
          "the block that begins at line " + line + " is encrypted, or has headers");
    }
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException malformed) {
      throw new IllegalArgumentException(
          "the block that begins at line " + line + " is not in base64");
    }
  }
}
