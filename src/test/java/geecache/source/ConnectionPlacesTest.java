package geecache.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.Callers;
import geecache.OverloadedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The order in which loads have connections. */
@Timeout(60)
class ConnectionPlacesTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @Test
  void loadsHaveTheirPlacesInTheOrderInWhichTheyCame() throws Exception {
    ConnectionPlaces places = ConnectionPlaces.of(1, LONG);
    places.take();
    List<Integer> served = Collections.synchronizedList(new ArrayList<>());
    List<CompletableFuture<Void>> loads = new ArrayList<>();
    try (Callers callers = new Callers()) {
      for (int i = 0; i < 20; i++) {
        int number = i;
        loads.add(
            callers.call(
                () -> {
                  places.take();
                  served.add(number);
                  places.giveBack();
                  return null;
                }));
        await().until(() -> places.waiting() == number + 1);
      }
      places.giveBack();
      for (CompletableFuture<Void> load : loads) {
        Callers.result(load);
      }
    }
    assertThat(served).isEqualTo(IntStream.range(0, 20).boxed().toList());
  }

  @Test
  void aLoadThatWaitsInVainTakesNoPlace() throws Exception {
    ConnectionPlaces places = ConnectionPlaces.of(1, Duration.ofMillis(1));
    places.take();
    assertThatThrownBy(places::take)
        .isInstanceOf(OverloadedException.class)
        .hasMessage("overloaded: all 1 connections were in use for 1 ms");
    places.giveBack();
    places.take();
    places.giveBack();
  }
}
