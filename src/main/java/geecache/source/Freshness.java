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
 * How long an answer may be served, by what its origin says (RFC 9111, sections 4.2 and 5.2, as a
 * shared cache). Only differences of the origin's own times count, so that no clocks need agree.
 */
final class Freshness {
  /** Kept, past its end at once: asked for again each time, with its validators. */
  static final Duration AT_ONCE = Duration.ofNanos(1);

  private static final long LONGEST_SECONDS = Integer.MAX_VALUE;

  private Freshness() {}

  /**
   * Returns the time to live from when the request was sent; zero for not to be kept; null if the
   * origin says nothing.
   */
  static @Nullable Duration of(MessageHeaders headers) {
    String life = null;
    boolean shared = false;
    boolean revalidate = false;
    for (Iterator<HeaderElement> all = MessageSupport.iterate(headers, "Cache-Control");
        all.hasNext(); ) {
      HeaderElement directive = all.next();
      switch (directive.getName().toLowerCase(Locale.ROOT)) {
        case "no-store", "private" -> {
          return Duration.ZERO;
        }
        case "no-cache" -> revalidate = true;
        case "s-maxage" -> {
          life = String.valueOf(directive.getValue());
          shared = true;
        }
        case "max-age" -> life = shared ? life : String.valueOf(directive.getValue());
        default -> {} // Not for caches, or not known.
      }
    }
    for (Iterator<HeaderElement> all = MessageSupport.iterate(headers, "Vary"); all.hasNext(); ) {
      if (all.next().getName().equals("*")) {
        return Duration.ZERO;
      }
    }
    if (revalidate) {
      return AT_ONCE;
    }
    Long seconds = life == null ? expires(headers) : Long.valueOf(seconds(life));
    return seconds == null ? null : remaining(seconds, headers);
  }

  private static Duration remaining(long life, MessageHeaders headers) {
    String age = value(headers, "Age");
    long rest = life - (age == null ? 0 : seconds(age));
    return rest <= 0 ? AT_ONCE : Duration.ofSeconds(rest);
  }

  /** What is no time has passed already. */
  private static @Nullable Long expires(MessageHeaders headers) {
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
