package geecache.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecentNoticesTest {
  private static final long MINUTE = RecentNotices.KEPT.toNanos();

  private final RecentNotices recent = new RecentNotices();

  @Test
  void aNoticeIsKnownForAMinute() {
    Notice early = new Notice("users", Set.of("1"));
    Notice late = new Notice("users", null);
    recent.add(early, 0);
    recent.add(late, MINUTE);

    assertThat(recent.find(MINUTE)).hasValue(List.of(early, late));
    assertThat(recent.find(MINUTE + 1)).hasValue(List.of(late));
    assertThat(recent.find(2 * MINUTE + 1)).hasValue(List.of());
  }

  @Test
  void afterANoticeIsDroppedForLackOfRoomNothingIsKnownForAMinute() {
    Set<String> many =
        IntStream.range(0, RecentNotices.MAX_KEYS)
            .mapToObj(String::valueOf)
            .collect(Collectors.toSet());
    Notice last = new Notice("users", many);
    recent.add(new Notice("users", Set.of("1")), 0);
    recent.add(last, Duration.ofSeconds(1).toNanos());

    assertThat(recent.find(MINUTE)).isEmpty();
    assertThat(recent.find(MINUTE + 1)).hasValue(List.of(last));
  }
}
