package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.ByteView;
import java.util.List;
import org.junit.jupiter.api.Test;

class UntakenValuesTest {
  private static final ByteView A = ByteView.of("four");
  private static final ByteView B = ByteView.of("four");

  private final UntakenValues values = new UntakenValues(7);

  @Test
  void thoseThatSeveralAnswersShareCountOnce() {
    assertThat(values.tryHold(List.of(A, A))).isTrue();
    assertThat(values.tryHold(List.of(A))).isTrue();
    assertThat(values.tryHold(List.of(B))).isFalse();
    values.release(List.of(A, A));
    assertThat(values.tryHold(List.of(B))).isFalse();
    values.release(List.of(A));
    assertThat(values.tryHold(List.of(B))).isTrue();
  }

  @Test
  void anAnswerThatIsAloneMayHoldMore() {
    assertThat(values.tryHold(List.of(A, B))).isTrue();
    assertThat(values.tryHold(List.of(A))).isTrue();
    assertThat(values.tryHold(List.of(ByteView.of("x")))).isFalse();
    values.release(List.of(A));
    values.release(List.of(A, B));
    assertThat(values.tryHold(List.of(ByteView.of("x")))).isTrue();
  }

  @Test
  void whatIsRefusedHoldsNothing() {
    assertThat(values.tryHold(List.of(A))).isTrue();
    assertThat(values.tryHold(List.of(A, B))).isFalse();
    values.release(List.of(A));
    assertThat(values.tryHold(List.of(A, B))).isTrue();
  }
}
