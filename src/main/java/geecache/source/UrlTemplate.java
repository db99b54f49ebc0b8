package geecache.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hc.core5.net.PercentCodec;

/**
 * A URL with one {@code {key}} in its path or its query. All characters of a key but the unreserved
 * ones (RFC 3986, section 2.3) are percent-encoded, so that a key never leaves its path segment or
 * its parameter.
 */
final class UrlTemplate {
  private static final String KEY = "{key}";
  private static final Pattern SHAPE = Pattern.compile("(https?://[^/?#{}@]+)([/?][^#]*)");

  private final String before;
  private final String after;
  private final boolean inPath;
  private final URI origin;

  /**
   * Parses a template.
   *
   * @throws IllegalArgumentException if the template breaks a rule. The message names the rule but
   *     not the template, which may hold a secret
   */
  UrlTemplate(String template) {
    Matcher shape = SHAPE.matcher(template);
    if (!shape.matches()) {
      throw new IllegalArgumentException(
          "url must be http:// or https://, a host, and a path or query, without user or fragment");
    }
    int at = template.indexOf(KEY);
    if (at < 0 || template.indexOf(KEY, at + 1) >= 0) {
      throw new IllegalArgumentException("url must have {key} once, in its path or its query");
    }
    this.before = template.substring(0, at);
    this.after = template.substring(at + KEY.length());
    this.inPath = before.indexOf('?') < 0;
    try {
      this.origin = new URI(shape.group(1));
      new URI(before + "key" + after);
    } catch (URISyntaxException malformed) {
      throw new IllegalArgumentException(
          "url is malformed: " + malformed.getReason() + " at character " + malformed.getIndex());
    }
    if (origin.getHost() == null) {
      throw new IllegalArgumentException("url has a malformed host or port");
    }
  }

  /** Returns scheme, host and port. */
  URI origin() {
    return origin;
  }

  /**
   * Returns the URL of {@code key}; nothing if it would lead to another resource. In a path this
   * holds for {@code .} and {@code ..} as a whole segment, encoded or not. It also holds for {@code
   * .} and {@code ..} between slashes of the key, since many servers decode {@code %2F} first, and
   * for {@code ..;x}, from which some servers cut what follows the semicolon.
   */
  Optional<URI> expand(String key) {
    String encoded = PercentCodec.encode(key, UTF_8);
    if (inPath && hasDots(segmentStart() + key + segmentEnd())) {
      return Optional.empty();
    }
    return Optional.of(URI.create(before + encoded + after));
  }

  private static boolean hasDots(String segment) {
    return Stream.of(segment.split("[/\\\\]", -1))
        .map(part -> part.split(";", 2)[0])
        .anyMatch(part -> part.equals(".") || part.equals(".."));
  }

  private String segmentStart() {
    return before.substring(before.lastIndexOf('/') + 1);
  }

  private String segmentEnd() {
    return after.split("[/?]", 2)[0];
  }
}
