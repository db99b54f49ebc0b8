package geecache.web;

import static geecache.Certificates.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Certificates;
import geecache.LogCapture;
import geecache.http.HTTPPool;
import geecache.settings.Settings;
import geecache.testing.TestCluster;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings of TLS, and what is told at the start that is wrong with them. */
class ConfiguredTlsTest {
  private static final String TRUST = "geecache.tls-trust-store";
  private static final String TRUST_PASSWORD = "geecache.tls-trust-store-password";
  private static final String KEYS = "geecache.tls-key-store";
  private static final String KEYS_PASSWORD = "geecache.tls-key-store-password";

  private static final String CA = "geecache.tls-ca";
  private static final String CERTIFICATE = "geecache.tls-certificate";
  private static final String KEY = "geecache.tls-key";

  @TempDir private static Path directory;
  private static String trusted;
  private static String keys;

  @BeforeAll
  static void make() throws Exception {
    Certificates certificates = new Certificates(directory, "ours");
    trusted = certificates.trusted().toString();
    keys = certificates.node("node").toString();
  }

  private static List<String> faults(Map<String, String> settings) {
    return WrittenSettings.ofParameters(settings).faults();
  }

  @Test
  void allThatIsWrongIsToldAtOnce() {
    String absent = directory.resolve("absent").toString();
    assertThat(faults(Map.of(TRUST, absent, KEYS, trusted, KEYS_PASSWORD, PASSWORD)))
        .containsExactly(
            TRUST + ": " + absent + " does not exist",
            KEYS
                + ": "
                + trusted
                + " has no private key with its certificate; is it a trust store?");
    assertThat(faults(Map.of(TRUST, trusted, TRUST_PASSWORD, "a-wrong-one")))
        .containsExactly(TRUST + ": " + trusted + " cannot be opened with the given password");
  }

  @Test
  void whatNeedsAnotherSettingSaysSo() {
    assertThat(faults(Map.of(KEYS, keys))).containsExactly(KEYS + " needs " + KEYS_PASSWORD);
    assertThat(faults(Map.of(KEYS_PASSWORD, PASSWORD)))
        .containsExactly(KEYS_PASSWORD + " needs " + KEYS);
    assertThat(faults(Map.of(TRUST_PASSWORD, PASSWORD)))
        .containsExactly(TRUST_PASSWORD + " needs " + TRUST);
  }

  @Test
  void filesInPemAreReadInTheirPlace() throws Exception {
    String ca = pem("ca.crt");
    String certificate = pem("ec.crt");
    String key = pem("ec-sec1.key");
    assertThat(faults(Map.of(CA, ca, CERTIFICATE, certificate, KEY, key))).isEmpty();
    assertThat(faults(Map.of(CERTIFICATE, certificate)))
        .containsExactly(CERTIFICATE + " needs " + KEY);
    assertThat(faults(Map.of(KEY, key))).containsExactly(KEY + " needs " + CERTIFICATE);
    assertThat(faults(Map.of(CA, key, CERTIFICATE, certificate, KEY, ca)))
        .containsExactly(
            CA + ": " + key + " has no certificate in PEM",
            CERTIFICATE + ": " + ca + " has no private key in PEM");
    assertThat(faults(Map.of(CA, ca, TRUST, trusted, TRUST_PASSWORD, PASSWORD)))
        .containsExactly(CA + " and " + TRUST + " are for the same: set one of them");
    assertThat(
            faults(Map.of(KEYS, keys, KEYS_PASSWORD, PASSWORD, CERTIFICATE, certificate, KEY, key)))
        .containsExactly(CERTIFICATE + " and " + KEYS + " are for the same: set one of them");
  }

  private static String pem(String name) throws Exception {
    return Path.of(HTTPPool.class.getResource("pem/" + name).toURI()).toString();
  }

  @Test
  void anApplicationDoesNotStartWithAFileThatIsWrong() {
    String absent = directory.resolve("absent").toString();
    assertThatThrownBy(() -> TestCluster.builder().setting(TRUST, absent).start().close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("wrong settings:\n  " + TRUST + ": " + absent + " does not exist");
  }

  @Test
  void passwordsAreToldByNobody() {
    Map<String, String> right =
        Map.of(TRUST, trusted, TRUST_PASSWORD, PASSWORD, KEYS, keys, KEYS_PASSWORD, PASSWORD);
    Settings settings = WrittenSettings.ofParameters(right).settings();
    assertThat(faults(right)).isEmpty();
    assertThat(settings.toString())
        .contains(TRUST_PASSWORD + "=****", KEYS_PASSWORD + "=****")
        .doesNotContain(PASSWORD);
    assertThat(ConfiguredNode.peerOptions(settings).toString()).doesNotContain(PASSWORD);
  }

  @ParameterizedTest
  @CsvSource({
    "geecache.peers, 'http://a,http://b', true",
    "geecache.peers, 'http://a,HTTPS://b', false",
    "geecache.self, https://a, false",
    "geecache.dns, https://nodes.example, false",
    "geecache.groupcache-peers, https://go, false",
    "geecache.self, http://https:1, true"
  })
  void filesThatNobodyIsAskedByAreWarnedOf(String setting, String urls, boolean warned) {
    Map<String, String> settings = new HashMap<>(Map.of(setting, urls, TRUST, trusted));
    settings.put(TRUST_PASSWORD, PASSWORD);
    try (LogCapture log = new LogCapture(ConfiguredTls.class, Level.WARNING)) {
      assertThat(new ConfiguredTls(WrittenSettings.ofParameters(settings).settings()).stores())
          .isNotNull();
      assertThat(log.messages())
          .isEqualTo(
              warned
                  ? List.of("WARNING " + TRUST + " is not used: no peer has a URL of https")
                  : List.of());
    }
  }
}
