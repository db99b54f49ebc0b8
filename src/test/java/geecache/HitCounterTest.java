package geecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @Test
  void choosesNoneBeforeItIsTold() {
    HitCounter counter = new HitCounter();
    assertThat(chosen(counter, 10_000)).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 10})
  void choosesAsManyAsItIsTold(int shift) {
    HitCounter counter = new HitCounter();
    counter.chooseOneIn(shift);
    int counts = 1 << 20;
    assertThat(chosen(counter, counts))
        .isCloseTo(counts >> shift, within((counts >> shift) / 50 + 2));
  }

  /** Else a loop over some keys would have the same one of them looked at again and again. */
  @Test
  void fallsIntoStepWithNoLoop() {
    HitCounter counter = new HitCounter();
    counter.chooseOneIn(6);
    int[] perPlace = new int[64];
    for (int i = 0; i < 1 << 20; i++) {
      if (counter.increment()) {
        perPlace[i % perPlace.length]++;
      }
    }
    assertThat(IntStream.of(perPlace)).allMatch(times -> times > 200 && times < 320);
  }

  /** The cells are taken, as they are where each request has a thread of its own. */
  @Test
  void choosesAmongTheEventsOfThreadsWithoutACell() throws Exception {
    HitCounter counter = new HitCounter();
    counter.chooseOneIn(3);
    int chosen = 0;
    for (int i = 0; i < 2_000; i++) {
      int[] ofThread = new int[1];
      Thread thread = new Thread(() -> ofThread[0] = chosen(counter, 8));
      thread.start();
      thread.join();
      chosen += i < 256 ? 0 : ofThread[0];
    }
    assertThat(chosen).isBetween(1_600, 1_900);
    assertThat(counter.sum()).isEqualTo(16_000);
  }

  private static int chosen(HitCounter counter, int counts) {
    int chosen = 0;
    for (int i = 0; i < counts; i++) {
      chosen += counter.increment() ? 1 : 0;
    }
    return chosen;
  }
}
