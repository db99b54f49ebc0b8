package geecache.internal;

import java.util.regex.Pattern;

/** What a {@code Content-Type} may be (RFC 9110, sections 5.6 and 8.3.1). */
public final class MediaType {
  /** The media type of bytes of which nothing else is known. */
  public static final String OCTET_STREAM = "application/octet-stream";

  /** The media type of JSON (RFC 8259, section 11). */
  public static final String JSON = "application/json";

  /** The rule, in words. */
  public static final String RULE = "a media type such as `text/plain; charset=utf-8`";

  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]++";
  private static final String QUOTED =
      "\"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\[\\t \\x21-\\x7e])*+\"";

  /** Of 255 characters at most, all of them in ASCII, and without wild cards. */
  public static final Pattern PATTERN =
      Pattern.compile(
          "(?=.{1,255}$)(?!\\*)%1$s/(?!\\*)%1$s(?:[ \\t]*;[ \\t]*%1$s=(?:%1$s|%2$s))*"
              .formatted(TOKEN, QUOTED));

  private MediaType() {}
}
