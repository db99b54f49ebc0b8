package geecache.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UntoldNoticesTest {
  private static final String A = "000000000000000a";
  private static final String B = "000000000000000b";

  private final UntoldNotices untold = new UntoldNotices();

  private static Notice notice(String key) {
    return new Notice("users", Set.of(key));
  }

  private void hear(String speaker, long number, long told) {
    untold.hear(new SpeakerSign(speaker, number, told));
  }

  /** Notices from before this node listened may be untold. */
  @Test
  void aNodeThatHasNotHeardUpToWhereAllIsToldDoesNotKnowWhatIsUntold() {
    untold.add(notice("1"));
    hear(A, 7, 6);
    assertThat(untold.find()).isEmpty();
    hear(A, 8, 6);
    assertThat(untold.isComplete()).isFalse();
  }

  @Test
  void whatCameAfterTheSignUpToWhichAllIsToldIsUntold() {
    untold.add(notice("1"));
    hear(A, 7, 6);
    untold.add(notice("2"));
    hear(A, 8, 7);
    untold.add(notice("3"));
    assertThat(untold.find()).hasValue(List.of(notice("2"), notice("3")));
    hear(A, 9, 7);
    assertThat(untold.find()).hasValue(List.of(notice("2"), notice("3")));
    hear(A, 10, 9);
    assertThat(untold.find()).hasValue(List.of());
  }

  @Test
  void anotherSpeakerWithTheSameNumbersTellsNothingOfTheFirst() {
    hear(A, 1, 0);
    untold.add(notice("1"));
    hear(A, 2, 1);
    hear(B, 3, 2);
    assertThat(untold.find()).hasValue(List.of(notice("1")));
    hear(B, 4, 3);
    assertThat(untold.find()).hasValue(List.of());
  }

  @Test
  void afterNoticesWereDroppedForLackOfRoomNothingIsKnownUntilAllIsTold() {
    hear(A, 1, 0);
    hear(A, 2, 1);
    Set<String> many =
        IntStream.range(0, UntoldNotices.MAX_KEYS)
            .mapToObj(String::valueOf)
            .collect(Collectors.toSet());
    untold.add(notice("x"));
    untold.add(new Notice("users", many));
    assertThat(untold.find()).isEmpty();
    hear(A, 3, 2);
    assertThat(untold.find()).isEmpty();
    hear(A, 4, 3);
    assertThat(untold.find()).hasValue(List.of());
  }

  @Test
  void onlyASignOfTheDocumentedFormIsOne() {
    assertThat(SpeakerSign.parse(A + " 12 7")).hasValue(new SpeakerSign(A, 12, 7));
    for (String other : List.of("", "a 1 0", A + " 1", A + " -1 0", A + " 1 0 ", A + " x 0")) {
      assertThat(SpeakerSign.parse(other)).as(other).isEmpty();
    }
  }
}
