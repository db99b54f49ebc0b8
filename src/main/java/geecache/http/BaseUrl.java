package geecache.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The URL that names a node: scheme, host, port and context path, without a slash at the end. */
final class BaseUrl {
  private BaseUrl() {}

  /**
   * Returns {@code url} as all nodes write it: scheme and host in lower case, no slash at the end.
   * A port is kept as it is.
   *
   * @throws IllegalArgumentException if {@code url} is not an absolute URL of http or https, or has
   *     a query, a fragment or user information
   */
  static String normalized(String url) {
    String why =
        "a node's URL must be http(s)://host[:port][/path], without user, query or fragment: "
            + masked(url);
    try {
      URI uri = new URI(url.strip());
      String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
      if (!(scheme.equals("http") || scheme.equals("https"))
          || uri.getHost() == null
          || uri.getRawQuery() != null
          || uri.getRawFragment() != null
          || uri.getRawUserInfo() != null) {
        throw new IllegalArgumentException(why);
      }
      String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
      String path = uri.getRawPath().replaceFirst("/+$", "");
      return scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port + path;
    } catch (URISyntaxException malformed) {
      throw new IllegalArgumentException(why, malformed);
    }
  }

  /**
   * Returns {@code url} itself: Go nodes hash URLs byte for byte.
   *
   * @throws IllegalArgumentException if {@link #normalized} would change it
   */
  static String requireNormalized(String url) {
    String normalized = normalized(url);
    if (!normalized.equals(url)) {
      throw new IllegalArgumentException(
          "Go nodes take a URL byte for byte, so write it as all nodes do: %s and not %s"
              .formatted(normalized, masked(url)));
    }
    return url;
  }

  /** Returns {@code url} with anything that could be a password masked. */
  static String masked(String url) {
    return url.replaceFirst("(?s)//.*@", "//****@");
  }

  /** Returns {@code text} normalized; null if it is no URL of a node. */
  static @Nullable String normalizedOrNull(String text) {
    try {
      return normalized(text);
    } catch (IllegalArgumentException noUrl) {
      return null;
    }
  }
}
