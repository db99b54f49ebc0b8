package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.FakeTicker;
import geecache.LogCapture;
import java.time.Duration;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

/** What is told of requests that show a wrong secret. */
class WrongSecretsTest {
  private static final String WRONG = "a-wrong-secret-that-nobody-may-read";

  @Test
  void theyAreCountedAndLoggedOnceAMinute() {
    FakeTicker ticker = new FakeTicker();
    try (LogCapture log = new LogCapture(WrongSecrets.class, Level.WARNING)) {
      WrongSecrets wrong = new WrongSecrets(ticker);
      for (int i = 0; i < 100; i++) {
        wrong.add();
      }
      assertThat(log.messages()).hasSize(1);
      ticker.advance(Duration.ofMinutes(1));
      wrong.add();
      wrong.add();
      assertThat(log.messages()).hasSize(2);
      assertThat(log.messages().get(1)).contains(", 101 until now");
      assertThat(wrong.count()).isEqualTo(102);
    }
  }

  @Test
  void aRefusedRequestIsCountedAndItsSecretIsNotLogged() throws Exception {
    try (LogCapture log = new LogCapture("geecache", Level.FINEST);
        ServedNode served = new ServedNode(ServedNode.SECRET)) {
      served.with("Authorization", "Bearer " + WRONG);
      assertThat(served.get("Tom").code()).isEqualTo(401);
      assertThat(served.get("Tom").code()).isEqualTo(401);
      assertThat(served.pool.wrongSecrets()).isEqualTo(2);
      assertThat(log.messages())
          .filteredOn(line -> line.startsWith("WARNING requests with a wrong secret"))
          .hasSize(1);
      assertThat(log.messages()).noneMatch(line -> line.contains(WRONG));
    }
  }

  @Test
  void aRequestWithoutASecretShowsNoWrongOne() throws Exception {
    try (ServedNode served = new ServedNode(ServedNode.SECRET)) {
      assertThat(served.get("Tom").code()).isEqualTo(401);
      served.asOwner();
      served.get("Tom");
      assertThat(served.pool.wrongSecrets()).isZero();
    }
  }

  /** It is answered like one without a secret. */
  @Test
  void whereReadsArePublicAWrongSecretDoesNotMatter() throws Exception {
    try (ServedNode served = new ServedNode(ServedNode.secret().publicReads(true).build())) {
      served.with("Authorization", "Bearer " + WRONG);
      assertThat(served.get("Tom").code()).isNotEqualTo(401);
      assertThat(served.pool.wrongSecrets()).isZero();
    }
  }
}
