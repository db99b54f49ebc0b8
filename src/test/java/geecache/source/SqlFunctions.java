package geecache.source;

import java.sql.SQLException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/** Functions that a test's database calls; public for H2. */
public final class SqlFunctions {
  /** The calls of {@link #hold} that are under way or over. */
  static final BlockingQueue<CountDownLatch> HELD = new LinkedBlockingQueue<>();

  private SqlFunctions() {}

  /** Returns {@code key} once the test lets it. */
  public static String hold(String key) throws InterruptedException {
    CountDownLatch latch = new CountDownLatch(1);
    HELD.add(latch);
    latch.await();
    return key;
  }

  /** Returns {@code key}, unless it names a failure. */
  public static String fail(String key) throws SQLException {
    switch (key) {
      case "slow" -> throw new SQLException("canceling statement due to user request", "57014");
      case "7" -> throw new SQLException("operator does not exist: bigint = text", "42883");
      default -> {
        return key;
      }
    }
  }
}
