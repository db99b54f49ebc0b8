package geecache.internal;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.LogCapture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PeriodicTaskTest {
  /** By itself, a timer runs it no second time, and says nothing. */
  @Test
  @Timeout(60)
  void aTaskThatThrowsRunsAgain() throws Exception {
    CountDownLatch runs = new CountDownLatch(3);
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    try {
      timer.scheduleWithFixedDelay(
          new PeriodicTask(
              "counting",
              () -> {
                runs.countDown();
                throw new AssertionError("each time");
              }),
          0,
          1,
          TimeUnit.MILLISECONDS);
      runs.await();
    } finally {
      timer.shutdownNow();
    }
  }

  @Test
  void failuresInARowAreLoggedOnce() {
    int[] run = {0};
    PeriodicTask task =
        new PeriodicTask(
            "a\nb",
            () -> {
              if (run[0]++ % 3 != 0) {
                throw new IllegalStateException("c\nd");
              }
            });
    try (LogCapture log = new LogCapture(PeriodicTask.class, Level.ALL)) {
      for (int i = 0; i < 6; i++) {
        task.run();
      }
      assertThat(log.messages())
          .containsExactly("SEVERE a\\nb failed, and goes on", "SEVERE a\\nb failed, and goes on");
      assertThat(log.traces()).contains("c\\nd");
    }
  }
}
