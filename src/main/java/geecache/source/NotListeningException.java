package geecache.source;

import java.sql.SQLException;

/** Listening is impossible at this database, or over this way to it; the message says why. */
final class NotListeningException extends SQLException {
  private static final long serialVersionUID = 1;

  NotListeningException(String reason) {
    super(reason);
  }
}
