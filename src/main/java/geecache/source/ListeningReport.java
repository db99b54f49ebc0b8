package geecache.source;

import geecache.Ticker;
import geecache.internal.ControlCharacters;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Says whether this node listens to a database: in the log, again each minute while something is
 * wrong, and to the health check. Safe for use by many threads.
 */
final class ListeningReport {
  private static final Duration AGAIN = Duration.ofMinutes(1);

  private final Logger log;
  private final String database;
  private final String groups;
  private final Ticker ticker;

  private boolean hasListened;
  private @Nullable String problem;
  private long deafSince;
  private long heardLast;
  private @Nullable Long warned;

  /**
   * Makes a report on a node that does not listen yet.
   *
   * @param database as it may be shown
   */
  ListeningReport(Logger log, String database, Collection<String> groups, Ticker ticker) {
    this.log = log;
    this.database = ControlCharacters.escape(database);
    this.groups =
        (groups.size() == 1 ? "group " : "groups ") + String.join(", ", new TreeSet<>(groups));
    this.ticker = ticker;
    this.deafSince = ticker.nanos();
    this.heardLast = deafSince;
    this.problem = "it has not connected yet";
  }

  /** Says that this node listens from now on. */
  synchronized void listens(String channel) {
    log.info("listening for changes in {} on channel {}, for {}", database, channel, groups);
    hasListened = true;
    problem = null;
    warned = null;
    heard();
  }

  /** Notes that the database has answered. */
  synchronized void heard() {
    heardLast = ticker.nanos();
  }

  /** Says that this node does not listen. */
  synchronized void isDeaf(Throwable failure) {
    long now = ticker.nanos();
    if (problem == null) {
      deafSince = heardLast;
      warned = null;
    }
    problem = reason(failure);
    if (isDue(now)) {
      log.warn(
          "not listening for changes in {} for {} s: {}; values of {} may be old meanwhile",
          database,
          seconds(now - deafSince),
          problem,
          groups);
    }
  }

  private String reason(Throwable failure) {
    if (failure instanceof NotListeningException) {
      return String.valueOf(failure.getMessage());
    }
    String text = ControlCharacters.escape(String.valueOf(failure));
    return isSilence(failure) ? "the database was silent (" + text + ')' : text;
  }

  private static boolean isSilence(Throwable failure) {
    return failure instanceof SocketTimeoutException
        || failure.getCause() != null && isSilence(failure.getCause());
  }

  /** Says that this node listens, and that no node tells the others of changes. */
  synchronized void nobodySpeaks(Duration silence) {
    if (isDue(ticker.nanos())) {
      log.warn(
          "no node has told the others of changes in {} for {} s: a node that does not listen"
              + " itself may have old values of {}; the session that holds the lock may be dead",
          database,
          silence.toSeconds(),
          groups);
    }
  }

  /** Says that a node speaks again. */
  synchronized void somebodySpeaks() {
    if (problem == null) {
      warned = null;
    }
  }

  private boolean isDue(long now) {
    if (warned != null && now - warned < AGAIN.toNanos()) {
      return false;
    }
    warned = now;
    return true;
  }

  /**
   * Returns why this node does not listen, once this is no matter of a moment: it has not listened
   * since its start, or not for a minute.
   */
  synchronized Optional<String> problem() {
    boolean lasts = !hasListened || ticker.nanos() - deafSince >= AGAIN.toNanos();
    return lasts ? Optional.ofNullable(problem) : Optional.empty();
  }

  private static long seconds(long nanos) {
    return Duration.ofNanos(nanos).toSeconds();
  }
}
