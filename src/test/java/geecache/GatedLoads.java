package geecache;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;

/** A group whose loads are open until a test says what comes of them. */
abstract class GatedLoads {
  static final Duration LOAD_LIMIT = Duration.ofMinutes(1);

  final Geecache node = new Geecache();
  final GatedGetter source = new GatedGetter();
  final Group group =
      node.group("scores")
          .maxBytes(1 << 20)
          .loadTimeout(Duration.ofMinutes(5))
          .waitTimeout(Duration.ofMinutes(10))
          .register(source);

  final Callers callers = new Callers();

  @AfterEach
  void close() {
    node.close();
    callers.close();
  }

  void awaitJoined(Group joined, long gets) {
    await().atMost(Duration.ofMinutes(1)).until(() -> joined.stats().loadsDeduplicated() == gets);
  }

  static GroupSettings settings(int maxLoads, int maxWaitingLoads) {
    return BareSettings.of(LOAD_LIMIT, Duration.ofMinutes(2), maxLoads, maxWaitingLoads);
  }
}
