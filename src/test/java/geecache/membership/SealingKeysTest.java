package geecache.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SealingKeysTest {
  private static final byte[] PART = {1, 2, 3};

  private final SealingKeys keys = keys("c", "first-of-the-secrets");

  private static SealingKeys keys(String cluster, String... secrets) {
    return new SealingKeys(List.of(secrets), cluster);
  }

  private static byte[] key(SealingKeys of) {
    return of.derive(0, "purpose", PART).getEncoded();
  }

  @Test
  void oneSecretMakesOneKeyOnAllNodes() {
    assertThat(key(keys)).hasSize(32).isEqualTo(key(keys("c", "first-of-the-secrets")));
  }

  @Test
  void secretClusterPurposeAndPartsMakeAnother() {
    assertThat(key(keys)).isNotEqualTo(key(keys("c", "another-of-the-secrets")));
    assertThat(key(keys)).isNotEqualTo(key(keys("d", "first-of-the-secrets")));
    assertThat(key(keys)).isNotEqualTo(keys.derive(0, "another", PART).getEncoded());
    assertThat(key(keys)).isNotEqualTo(keys.derive(0, "purpose", new byte[3]).getEncoded());
  }

  @Test
  void secretsAreNumbered() {
    SealingKeys both = keys("c", "second-of-the-secrets", "first-of-the-secrets");
    assertThat(both.count()).isEqualTo(2);
    assertThat(both.derive(1, "purpose", PART).getEncoded()).isEqualTo(key(keys));
    assertThat(key(both)).isNotEqualTo(key(keys));
  }

  @Test
  void withoutASecretTheKeyIsEverybodys() {
    assertThat(keys("c").count()).isEqualTo(1);
    assertThat(key(keys("c"))).isEqualTo(key(keys("c"))).isNotEqualTo(key(keys));
  }
}
