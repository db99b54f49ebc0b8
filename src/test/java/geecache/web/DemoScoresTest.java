package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.CacheException;
import geecache.Geecache;
import geecache.Group;
import geecache.LoadException;
import geecache.LogCapture;
import java.util.logging.Level;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DemoScoresTest {
  private final Geecache node = new Geecache();

  @BeforeEach
  void register() {
    DemoScores.register(node);
  }

  private Group scores() {
    return node.find("scores").orElseThrow();
  }

  @Test
  void theSourceIsAskedOnceAKey() throws CacheException {
    try (LogCapture log = new LogCapture(DemoScores.class, Level.INFO)) {
      assertThat(scores().get("Tom")).hasToString("630");
      assertThat(scores().get("Tom")).hasToString("630");
      assertThat(scores().get("Jack")).hasToString("589");
      assertThat(scores().get("Sam")).hasToString("567");
      assertThat(log.messages())
          .containsExactly(
              "INFO [SlowDB] search key Tom",
              "INFO [SlowDB] search key Jack",
              "INFO [SlowDB] search key Sam");
    }
  }

  @Test
  void anUnknownKeyDoesNotExistAndForgesNoLogLine() {
    try (LogCapture log = new LogCapture(DemoScores.class, Level.INFO)) {
      assertThatThrownBy(() -> scores().get("\r\n[Server evil]"))
          .isInstanceOf(LoadException.class)
          .hasMessage("\r\n[Server evil] not exist");
      assertThat(log.messages()).containsExactly("INFO [SlowDB] search key \\r\\n[Server evil]");
    }
  }
}
