package geecache.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hc.core5.net.PercentCodec;

/**
 * A URL with one {@code {key}} in its path or its query, or {@code {keys}} for many, separated by
 * commas. All characters of a key but the unreserved ones (RFC 3986, section 2.3) are
 * percent-encoded, so that a key never leaves its path segment or its parameter, nor its place
 * among others.
 */
final class UrlTemplate {
  private static final String KEY = "{key}";
  private static final String KEYS = "{keys}";

  /** The longest URL for more than one key: what servers take by RFC 9110, section 4.1. */
  static final int MAX_LENGTH = 8000;

  private static final Pattern SHAPE = Pattern.compile("(https?://[^/?#{}@]+)([/?][^#]*)");

  private final String before;
  private final String after;
  private final boolean inPath;
  private final boolean forMany;
  private final URI origin;

  /**
   * A URL that asks for some keys.
   *
   * @param keys at least one; unmodifiable
   */
  record Part(URI url, List<String> keys) {}

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
    this.forMany = template.contains(KEYS);
    String place = forMany ? KEYS : KEY;
    int at = template.indexOf(place);
    this.before = at < 0 ? "" : template.substring(0, at);
    this.after = at < 0 ? "" : template.substring(at + place.length());
    if (at < 0 || after.contains(KEYS) || before.contains(KEY) || after.contains(KEY)) {
      throw new IllegalArgumentException(
          "url must have {key} or {keys} once, in its path or its query");
    }
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

  /** Whether it has {@code {keys}}. */
  boolean isForMany() {
    return forMany;
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
    return leadsElsewhere(key)
        ? Optional.empty()
        : Optional.of(URI.create(before + encoded(key) + after));
  }

  /**
   * Returns the URLs of many keys, each as long as allowed. Keys of which {@link #expand} returns
   * nothing are left out.
   */
  List<Part> expandAll(Collection<String> keys) {
    List<Part> parts = new ArrayList<>();
    List<String> some = new ArrayList<>();
    StringBuilder list = new StringBuilder();
    int room = MAX_LENGTH - before.length() - after.length();
    for (String key : keys) {
      if (leadsElsewhere(key)) {
        continue;
      }
      String encoded = encoded(key);
      if (!some.isEmpty() && list.length() + 1 + encoded.length() > room) {
        parts.add(part(list, some));
        list.setLength(0);
        some.clear();
      }
      list.append(some.isEmpty() ? "" : ",").append(encoded);
      some.add(key);
    }
    if (!some.isEmpty()) {
      parts.add(part(list, some));
    }
    return parts;
  }

  private Part part(StringBuilder list, List<String> keys) {
    return new Part(URI.create(before + list + after), List.copyOf(keys));
  }

  private static String encoded(String key) {
    return PercentCodec.encode(key, UTF_8);
  }

  private boolean leadsElsewhere(String key) {
    return inPath && hasDots(segmentStart() + key + segmentEnd());
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
