package geecache.membership;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SealingKeysTest {
  private static final byte[] TEXT = "..a view..".getBytes(UTF_8);

  private final SealingKeys keys = new SealingKeys(List.of("first-of-the-secrets"), "c");

  private byte[] sealed() throws Exception {
    return keys.seal(TEXT, 2, 6);
  }

  @Test
  void whatIsSealedIsOpened() throws Exception {
    byte[] sealed = sealed();
    assertThat(keys.open(sealed, 0, sealed.length)).asString(UTF_8).isEqualTo("a view");
    byte[] within = new byte[sealed.length + 5];
    System.arraycopy(sealed, 0, within, 3, sealed.length);
    assertThat(keys.open(within, 3, sealed.length)).asString(UTF_8).isEqualTo("a view");
  }

  @Test
  void noTwoSealsAreTheSame() throws Exception {
    assertThat(sealed()).isNotEqualTo(sealed());
  }

  @Test
  void aBitThatIsChangedSpoilsIt() throws Exception {
    byte[] sealed = sealed();
    for (int bit = 0; bit < sealed.length * Byte.SIZE; bit++) {
      byte[] changed = sealed.clone();
      changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      assertThat(keys.open(changed, 0, changed.length)).isNull();
    }
  }

  @Test
  void aPartOfItIsNotOpened() throws Exception {
    byte[] sealed = sealed();
    for (int length = 0; length < sealed.length; length++) {
      assertThat(keys.open(Arrays.copyOf(sealed, length), 0, length)).isNull();
    }
  }

  @Test
  void anotherSecretAndAnotherClusterDoNotOpenIt() throws Exception {
    byte[] sealed = sealed();
    for (SealingKeys others :
        List.of(
            new SealingKeys(List.of("another-of-the-secrets"), "c"),
            new SealingKeys(List.of("first-of-the-secrets"), "d"))) {
      assertThat(others.open(sealed, 0, sealed.length)).isNull();
    }
  }

  @Test
  void theFirstSecretSealsAndAllOpen() throws Exception {
    SealingKeys both =
        new SealingKeys(List.of("second-of-the-secrets", "first-of-the-secrets"), "c");
    byte[] sealed = sealed();
    assertThat(both.open(sealed, 0, sealed.length)).isNotNull();
    byte[] bySecond = both.seal(TEXT, 0, TEXT.length);
    assertThat(keys.open(bySecond, 0, bySecond.length)).isNull();
  }
}
