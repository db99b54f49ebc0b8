package geecache.containers;

import static org.assertj.core.api.Assertions.assertThat;

/** What any refusal keeps to, be it the node's or the container's. */
final class Refusals {
  private Refusals() {}

  static void assertHarmless(Answer answer) {
    assertThat(answer.code()).as("%s", answer).isBetween(400, 499);
    assertThat(answer.text())
        .as("%s", answer)
        .doesNotContain("at geecache.")
        .doesNotContain("Exception")
        .isNotEqualTo("630");
    if (answer.isOurs()) {
      assertThat(answer.text()).as("%s", answer).matches("[^\\p{Cntrl}]+\n");
      assertThat(answer.mediaType()).isEqualTo("text/plain");
      assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
    }
  }
}
