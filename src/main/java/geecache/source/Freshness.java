package geecache.source;

import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.Locale;
import org.apache.hc.client5.http.utils.DateUtils;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HeaderElement;
import org.apache.hc.core5.http.MessageHeaders;
import org.apache.hc.core5.http.message.MessageSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads how long an answer may be served from its headers, by the rules for a shared cache (RFC
 * 9111, sections 4.2 and 5.2). Compares only the origin's own times with each other, so that the
 * clocks of node and origin need not agree.
 */
final class Freshness {
  /** For an answer that is kept, and is validated again with the origin at each get. */
  static final Duration VALIDATE_ALWAYS = Duration.ofNanos(1);

  private static final long LONGEST_SECONDS = Integer.MAX_VALUE;

  private Freshness() {}

  /**
   * Returns the time to live, counted from when the request was sent. Zero means that the answer
   * must not be kept; null means that the origin does not say.
   */
  static @Nullable Duration timeToLive(MessageHeaders headers) {
    String life = null;
    boolean shared = false;
    boolean noCache = false;
    for (Iterator<HeaderElement> all = MessageSupport.iterate(headers, "Cache-Control");
        all.hasNext(); ) {
      HeaderElement directive = all.next();
      switch (directive.getName().toLowerCase(Locale.ROOT)) {
        case "no-store", "private" -> {
          return Duration.ZERO;
        }
        case "no-cache" -> noCache = true;
        case "s-maxage" -> {
          life = String.valueOf(directive.getValue());
          shared = true;
        }
        case "max-age" -> life = shared ? life : String.valueOf(directive.getValue());
        default -> {} // For clients, or unknown.
      }
    }
    for (Iterator<HeaderElement> all = MessageSupport.iterate(headers, "Vary"); all.hasNext(); ) {
      if (all.next().getName().equals("*")) {
        return Duration.ZERO;
      }
    }
    if (noCache) {
      return VALIDATE_ALWAYS;
    }
    Long seconds = life == null ? secondsToExpires(headers) : Long.valueOf(seconds(life));
    return seconds == null ? null : remaining(seconds, headers);
  }

  private static Duration remaining(long life, MessageHeaders headers) {
    String age = value(headers, "Age");
    long rest = life - (age == null ? 0 : seconds(age));
    return rest <= 0 ? VALIDATE_ALWAYS : Duration.ofSeconds(rest);
  }

  /** An Expires that cannot be parsed counts as expired (RFC 9111, section 5.3). */
  private static @Nullable Long secondsToExpires(MessageHeaders headers) {
    if (headers.getFirstHeader("Expires") == null) {
      return null;
    }
    Instant end = DateUtils.parseStandardDate(headers, "Expires");
    Instant date = DateUtils.parseStandardDate(headers, "Date");
    if (end == null) {
      return 0L;
    }
    long life = Duration.between(date == null ? Instant.now() : date, end).toSeconds();
    return Math.min(life, LONGEST_SECONDS);
  }

  private static long seconds(String text) {
    if (!text.matches("[0-9]+")) {
      return 0;
    }
    return text.length() > 9 ? LONGEST_SECONDS : Long.parseLong(text);
  }

  private static @Nullable String value(MessageHeaders headers, String name) {
    Header header = headers.getFirstHeader(name);
    return header == null ? null : header.getValue().strip();
  }
}
