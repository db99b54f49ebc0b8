package geecache;

/** Measures text in UTF-8 without encoding it. */
final class Utf8 {
  private Utf8() {}

  /** Returns the length of {@code text} in bytes, or -1 if it has an unpaired surrogate. */
  static int length(String text) {
    int length = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        continue;
      }
      if (!Character.isSurrogate(c)) {
        length += c < 0x800 ? 1 : 2;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        length += 2; // Two chars make four bytes.
        i++;
      } else {
        return -1;
      }
    }
    return length;
  }
}
