package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
  private static final String FIRST = "sixteen-letters!";
  private static final String SECOND = "another secret~~".replace(' ', '_');

  private final Secrets secrets = Secrets.of(List.of(FIRST, SECOND));

  @Test
  void noneAcceptNothing() {
    assertThat(Secrets.none().isEmpty()).isTrue();
    assertThat(Secrets.of(List.of())).isSameAs(Secrets.none());
    assertThat(Secrets.none().authorization()).isNull();
    assertThat(Secrets.none().isShownIn("Bearer ")).isFalse();
    assertThat(Secrets.none().isShownIn(null)).isFalse();
  }

  @Test
  void theFirstIsShownAndBothAreAccepted() {
    assertThat(secrets.isEmpty()).isFalse();
    assertThat(secrets.authorization()).isEqualTo("Bearer " + FIRST);
    assertThat(secrets.isShownIn("Bearer " + FIRST)).isTrue();
    assertThat(secrets.isShownIn("Bearer " + SECOND)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bearer ", "BEARER ", "beaRer ", "Bearer   "})
  void theSchemeMayBeWrittenInAnyCase(String scheme) {
    assertThat(secrets.isShownIn(scheme + FIRST)).isTrue();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "Bearer ",
        "Bearer sixteen-letters",
        "Bearer sixteen-letters!!",
        "Bearer Sixteen-letters!",
        "Bearer sixteen-letters!,Bearer sixteen-letters!",
        "Basic sixteen-letters!",
        "sixteen-letters!",
        " Bearer sixteen-letters!",
        "Bearersixteen-letters!",
      })
  void nothingElseIsAccepted(String authorization) {
    assertThat(secrets.isShownIn(authorization)).isFalse();
  }

  @Test
  void atMostTwoMayBeSet() {
    assertThatThrownBy(() -> Secrets.of(List.of(FIRST, SECOND, FIRST)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("at most two secrets may be set: 3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "fifteen-letters",
        "a secret of many",
        "tab\tin-the-middle",
        "größenwahn-1234"
      })
  void aWeakOrUnprintableOneIsRefusedAndNotTold(String secret) {
    assertThatThrownBy(() -> Secrets.of(List.of(FIRST, secret)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a secret must have at least 16 characters, all visible ASCII; one has "
                + secret.length());
  }

  @Test
  void noTextTellsThem() {
    assertThat(secrets).hasToString("****");
    assertThat(PeerOptions.builder().secrets(secrets).build().toString())
        .contains("secrets=****")
        .doesNotContain(FIRST, SECOND);
    assertThat(Secrets.none()).hasToString("none");
  }
}
