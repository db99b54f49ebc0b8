package geecache.web;

import geecache.ControlCharacters;
import geecache.http.HTTPPool;
import geecache.http.PeerOptions;
import geecache.http.Secrets;
import jakarta.servlet.ServletContext;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * The settings of one web application, read once. A system property beats the context parameter of
 * the same name.
 *
 * @param enabled {@code geecache.enabled}: whether servlet and listener do anything; default true
 * @param demo {@code geecache.demo}: whether the {@code scores} group is registered; default false
 * @param self {@code geecache.self}: this node's base URL; default the context path
 * @param peers {@code geecache.peers}: the base URLs of all nodes, this one included, separated by
 *     commas; default none
 * @param peerOptions {@code geecache.secret} (one, or two separated by a comma), {@code
 *     geecache.public-reads}, {@code geecache.peer-requests} ({@code batch} or {@code get}), and
 *     the limits {@code geecache.peer-timeout} (milliseconds), {@code geecache.peer-connections},
 *     {@code geecache.peer-parked}, {@code geecache.peer-waiting} and {@code geecache.removal-log}
 * @param requestLevel {@code geecache.request-log}: {@code info}, {@code debug} or {@code off}
 *     (then null); default {@code debug}
 */
record Settings(
    boolean enabled,
    boolean demo,
    String self,
    List<String> peers,
    PeerOptions peerOptions,
    @Nullable Level requestLevel) {

  /**
   * Reads the settings.
   *
   * @throws IllegalArgumentException if a value breaks its rule; the message names both
   */
  static Settings of(ServletContext context) {
    return new Settings(
        flag(context, "geecache.enabled", true),
        flag(context, "geecache.demo", false),
        text(context, "geecache.self", "/" + context.getContextPath().replaceFirst("^/", "")),
        peers(context),
        peerOptions(context),
        level(context, "geecache.request-log"));
  }

  private static PeerOptions peerOptions(ServletContext context) {
    PeerOptions defaults = PeerOptions.defaults();
    return defaults
        .withSecrets(secrets(context))
        .withPublicReads(flag(context, "geecache.public-reads", defaults.publicReads()))
        .withRequests(requests(context))
        .withLimits(
            Duration.ofMillis(
                number(context, "geecache.peer-timeout", 500, (int) defaults.silence().toMillis())),
            number(context, "geecache.peer-connections", 1, defaults.connections()),
            number(context, "geecache.peer-parked", 1, defaults.parked()),
            number(context, "geecache.peer-waiting", 1, defaults.waiting()),
            number(context, "geecache.removal-log", 1, defaults.removals()));
  }

  /** The effective settings on one line, as they would be written, secrets masked. */
  @Override
  public String toString() {
    return ("geecache.enabled=%s geecache.demo=%s geecache.self=%s geecache.peers=%s"
            + " geecache.secret=%s geecache.public-reads=%s geecache.peer-requests=%s"
            + " geecache.peer-timeout=%s geecache.peer-connections=%s geecache.peer-parked=%s"
            + " geecache.peer-waiting=%s geecache.removal-log=%s geecache.request-log=%s")
        .formatted(
            enabled,
            demo,
            ControlCharacters.escape(self),
            ControlCharacters.escape(String.join(",", peers)),
            peerOptions.secrets(),
            peerOptions.publicReads(),
            peerOptions.requests().name().toLowerCase(Locale.ROOT),
            peerOptions.silence().toMillis(),
            peerOptions.connections(),
            peerOptions.parked(),
            peerOptions.waiting(),
            peerOptions.removals(),
            requestLevel == null ? "off" : requestLevel.name().toLowerCase(Locale.ROOT));
  }

  private static String text(ServletContext context, String name, String otherwise) {
    String value = System.getProperty(name, context.getInitParameter(name));
    return value == null || value.isBlank() ? otherwise : value.strip();
  }

  private static List<String> list(ServletContext context, String name) {
    return Stream.of(text(context, name, "").split(","))
        .map(String::strip)
        .filter(item -> !item.isEmpty())
        .toList();
  }

  private static List<String> peers(ServletContext context) {
    try {
      return list(context, "geecache.peers").stream().map(HTTPPool::baseUrlOf).toList();
    } catch (IllegalArgumentException refused) {
      throw new IllegalArgumentException("geecache.peers: " + refused.getMessage(), refused);
    }
  }

  private static Secrets secrets(ServletContext context) {
    try {
      return Secrets.of(list(context, "geecache.secret"));
    } catch (IllegalArgumentException refused) {
      throw new IllegalArgumentException("geecache.secret: " + refused.getMessage(), refused);
    }
  }

  private static PeerOptions.Requests requests(ServletContext context) {
    String value = text(context, "geecache.peer-requests", "batch");
    return switch (value) {
      case "batch" -> PeerOptions.Requests.BATCH;
      case "get" -> PeerOptions.Requests.GET;
      default ->
          throw new IllegalArgumentException(
              "geecache.peer-requests must be batch or get: " + value);
    };
  }

  private static int number(ServletContext context, String name, int least, int otherwise) {
    String value = text(context, name, String.valueOf(otherwise));
    try {
      int number = Integer.parseInt(value);
      if (number >= least) {
        return number;
      }
    } catch (NumberFormatException noNumber) {
      // Told below.
    }
    throw new IllegalArgumentException(
        name + " must be a whole number of at least " + least + ": " + value);
  }

  private static boolean flag(ServletContext context, String name, boolean otherwise) {
    String value = text(context, name, String.valueOf(otherwise));
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(name + " must be true or false: " + value);
    };
  }

  private static @Nullable Level level(ServletContext context, String name) {
    String value = text(context, name, "debug").toLowerCase(Locale.ROOT);
    return switch (value) {
      case "info" -> Level.INFO;
      case "debug" -> Level.DEBUG;
      case "off" -> null;
      default -> throw new IllegalArgumentException(name + " must be info, debug or off: " + value);
    };
  }
}
