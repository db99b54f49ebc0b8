package geecache.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.Geecache;
import io.micrometer.context.ContextRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Micrometer's context propagation knows of callers reaches getters. */
class MicrometerContextTest {
  private static final String KEY = "geecache.test";

  private final ThreadLocal<String> user = new ThreadLocal<>();

  @BeforeEach
  void register() {
    ContextRegistry.getInstance().registerThreadLocalAccessor(KEY, user);
  }

  @AfterEach
  void forget() {
    ContextRegistry.getInstance().removeThreadLocalAccessor(KEY);
    user.remove();
  }

  @Test
  void aGetterHasTheContextOfTheGetThatBeganItsLoad() throws Exception {
    try (Geecache node = GeecacheBuilder.create().start()) {
      var group = node.newGroup("g", 0, key -> String.valueOf(user.get()).getBytes(UTF_8));
      user.set("Tom");
      assertThat(group.get("a")).hasToString("Tom");
      assertThat(group.getAsync("b").get()).hasToString("Tom");
      user.remove();
      assertThat(group.get("c")).hasToString("null");
    }
  }

  @Test
  void aDecoratorOfOnesOwnStandsInItsPlace() throws Exception {
    try (Geecache node = GeecacheBuilder.create().loadDecorator(load -> load).start()) {
      var group = node.newGroup("g", 0, key -> String.valueOf(user.get()).getBytes(UTF_8));
      user.set("Tom");
      assertThat(group.get("a")).hasToString("null");
    }
  }
}
