package geecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

class HitCounterTest {

  /** More threads than cells: some own a cell, some come too late. */
  @Test
  void losesNothingHoweverManyThreadsCount() throws Exception {
    HitCounter counter = new HitCounter();
    int threads = 600;
    int counts = 5_000;
    CyclicBarrier together = new CyclicBarrier(threads);
    try (Callers callers = new Callers()) {
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        all.add(
            callers.call(
                () -> {
                  together.await();
                  for (int n = 0; n < counts; n++) {
                    counter.increment();
                  }
                  return null;
                }));
      }
      for (CompletableFuture<Void> one : all) {
        Callers.result(one);
      }
    }
    assertThat(counter.sum()).isEqualTo((long) threads * counts);
  }
}
