package geecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class GroupBuilderTest {
  private final Geecache node = new Geecache();

  @Test
  void namesAllFaultsAtOnce() {
    assertThatThrownBy(
            () ->
                node.group("a/b")
                    .maxBytes(-1)
                    .maxValueBytes(0)
                    .timeToLive(Duration.ofSeconds(1))
                    .jitter(1)
                    .absentTimeToLive(Duration.ofSeconds(-1))
                    .refreshAhead(Duration.ofSeconds(1))
                    .staleIfError(Duration.ofDays(40_000))
                    .loadTimeout(Duration.ZERO)
                    .waitTimeout(Duration.ofSeconds(Long.MAX_VALUE))
                    .maxLoads(0)
                    .maxWaitingLoads(-1)
                    .register(null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "group a/b: name must be 1 to 128 of A-Z a-z 0-9 . _ ~ - and not . or ..;"
                + " maxBytes must not be negative: -1;"
                + " maxValueBytes must be 1 to 1073741824: 0;"
                + " jitter must be at least 0 and under 1: 1.0;"
                + " absentTimeToLive must be zero or positive and at most 100 years: PT-1S;"
                + " staleIfError must be zero or positive and at most 100 years: PT960000H;"
                + " loadTimeout must be positive and at most 100 years: PT0S;"
                + " waitTimeout must be positive and at most 100 years:"
                + " PT2562047788015215H30M7S;"
                + " refreshAhead must be shorter than timeToLive: PT1S;"
                + " maxLoads must be positive: 0;"
                + " maxWaitingLoads must not be negative: -1;"
                + " a getter is required");
    assertThat(node.find("a/b")).isEmpty();
  }

  @Test
  void nullsAreFaultsLikeOthers() {
    assertThatThrownBy(
            () ->
                node.group("g")
                    .timeToLive(null)
                    .refreshAhead(null)
                    .store(null)
                    .register(key -> new byte[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "group g: timeToLive must be zero or positive and at most 100 years: null;"
                + " refreshAhead must be zero or positive and at most 100 years: null;"
                + " a store is required");
  }

  @Test
  void aJitterThatIsNoNumberIsRefused() {
    assertThatThrownBy(() -> node.group("g").jitter(Double.NaN).register(key -> new byte[0]))
        .hasMessage("group g: jitter must be at least 0 and under 1: NaN");
  }

  /** Zero would have what the owner does not answer loaded by each get. */
  @Test
  void theHotTimeToLiveIsPositive() {
    for (Duration time :
        new Duration[] {Duration.ZERO, Duration.ofNanos(-1), Duration.ofDays(36_501), null}) {
      assertThatThrownBy(() -> node.group("g").hotTimeToLive(time).register(key -> new byte[0]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("group g: hotTimeToLive must be positive and at most 100 years: " + time);
    }
    node.group("g").hotTimeToLive(Duration.ofDays(36_500)).register(key -> new byte[0]);
  }

  @Test
  void theVersionIsShortAndPlain() {
    Getter getter = key -> new byte[0];
    assertThat(node.group("a").register(getter).version()).isEmpty();
    assertThat(node.group("b").version("2.0-rc_1~x").register(getter).version())
        .isEqualTo("2.0-rc_1~x");
    for (String wrong : new String[] {"\n", "a b", "a@b", "é", "x".repeat(65), null}) {
      assertThatThrownBy(() -> node.group("g").version(wrong).register(getter))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("group g: version must be 1 to 64 of A-Z a-z 0-9 . _ ~ -: ");
    }
    assertThatThrownBy(() -> node.group("g").version("x".repeat(500) + "\n").register(getter))
        .hasMessageEndingWith(": " + "x".repeat(80) + "...");
  }

  @Test
  void theContentTypeIsThatOfTheGetterUnlessItIsSet() {
    Getter html =
        new Getter() {
          @Override
          public byte[] get(String key) {
            return new byte[0];
          }

          @Override
          public String contentType() {
            return "text/html";
          }
        };
    assertThat(node.group("a").register(html).contentType()).isEqualTo("text/html");
    assertThat(node.group("b").contentType("text/plain").register(html).contentType())
        .isEqualTo("text/plain");
    assertThat(node.group("c").register(key -> new byte[0]).contentType())
        .isEqualTo("application/octet-stream");
    assertThatThrownBy(() -> node.group("g").contentType("text\n").register(html))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "group g: contentType must be a media type such as `text/plain; charset=utf-8`:"
                + " text\\n");
  }

  @Test
  void aNodeNeedsAThreadOrTheDefault() {
    assertThatThrownBy(() -> new Geecache(Ticker.system(), -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("loaderThreads must not be negative: -1");
  }
}
