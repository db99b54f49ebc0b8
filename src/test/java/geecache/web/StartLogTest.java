package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.LogCapture;
import geecache.testing.TestCluster;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

/** What the log says of the settings when an application starts, or does not. */
class StartLogTest {
  private static TestCluster.Builder group(String name) {
    return TestCluster.builder().setting("geecache.groups." + name + ".source", "scores");
  }

  @Test
  void whatDecidesIsShownAndDefaultsThatNobodyUsesAreNot() throws Exception {
    try (LogCapture log = new LogCapture(GeecacheListener.class, Level.INFO);
        TestCluster cluster = group("users").setting("geecache.groups.users.ttl", "1m").start()) {
      assertThat(cluster.node(0).geecache().find("users")).isPresent();
      assertThat(log.messages())
          .singleElement()
          .asString()
          .startsWith("INFO geecache started with ")
          .contains("geecache.groups.users.max-bytes=64MiB geecache.groups.users.ttl=1m")
          .contains("geecache.groups.users.max-loads=64")
          .doesNotContain("jgroups", "hot-ttl", "connections");
    }
  }

  /** Containers keep what a listener throws in a log of their own. */
  @Test
  void wrongSettingsAreLoggedToo() {
    try (LogCapture log = new LogCapture(WebNode.class, Level.INFO)) {
      assertThatThrownBy(() -> group("users").setting("geecache.peer-timeout", "1000").start())
          .isInstanceOf(Exception.class);
      assertThat(log.messages())
          .isNotEmpty()
          .first()
          .asString()
          .startsWith(
              "SEVERE geecache does not start at /: wrong settings:\n  geecache.peer-timeout=1000 ");
      assertThat(log.traces()).isEmpty();
    }
  }

  @Test
  void limitsThatDoNotFitAreOneWarning() throws Exception {
    try (LogCapture log = new LogCapture(ConfiguredNode.class, Level.WARNING);
        TestCluster cluster =
            group("a")
                .setting("geecache.groups.a.wait-timeout", "1s")
                .setting("geecache.groups.b.source", "scores")
                .setting("geecache.groups.b.max-bytes", "1MiB")
                .start()) {
      assertThat(cluster.node(0).geecache().groups()).hasSize(2);
      assertThat(log.messages())
          .singleElement()
          .asString()
          .startsWith(
              "WARNING settings that do not fit each other: geecache.groups.a.wait-timeout=1s")
          .contains("; geecache.groups.b.max-value-bytes=16MiB is over max-bytes=1MiB");
    }
  }
}
