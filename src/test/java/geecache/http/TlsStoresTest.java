package geecache.http;

import static geecache.Certificates.PASSWORD;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Certificates;
import geecache.LogCapture;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Arrays;
import java.util.logging.Level;
import javax.net.ssl.SSLContext;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is made of the files that say whom to trust, and of what may be wrong with them. */
class TlsStoresTest {
  @TempDir private static Path made;
  private static Certificates certificates;
  private static Path trusted;
  private static Path keys;

  @TempDir private Path directory;

  @BeforeAll
  static void make() throws Exception {
    certificates = new Certificates(made, "ours");
    trusted = certificates.trusted();
    keys = certificates.node("node");
  }

  @ParameterizedTest
  @CsvSource({
    "of-pkcs12, PKCS12, of-all-stores",
    "of-jks, JKS, of-all-stores",
    "not-encrypted, JKS,",
    "a-certificate-in.p12, JKS, of-all-stores"
  })
  void theKindIsThatOfTheFileAndNotOfItsName(String name, String type, String password)
      throws Exception {
    Path file = certificates.trusted(name, type, password == null ? "unused" : password);
    assertThat(TlsStores.builder().trustStore(file, password).build().get()).isNotNull();
  }

  @Test
  void theContextIsTheSameAsLongAsTheFilesAre() {
    TlsStores stores =
        TlsStores.builder().trustStore(trusted, PASSWORD).keyStore(keys, PASSWORD).build();
    assertThat(stores.get()).isSameAs(stores.get());
  }

  @Test
  void aFileThatIsReplacedIsReadAgain() throws Exception {
    Path file = Files.copy(trusted, directory.resolve("store"));
    TlsStores stores = TlsStores.builder().trustStore(file, PASSWORD).build();
    SSLContext first = stores.get();
    try (LogCapture log = new LogCapture(TlsStores.class, Level.INFO)) {
      replace(file, Files.readAllBytes(keys));
      SSLContext second = stores.get();
      assertThat(second).isNotSameAs(first);
      assertThat(stores.get()).isSameAs(second);
      assertThat(log.messages()).containsExactly("INFO TLS: " + file + " was read again");
    }
  }

  @Test
  void aFileThatBreaksLeavesItsFormerContentAndIsLoggedOnce() throws Exception {
    Path file = Files.copy(trusted, directory.resolve("store"));
    byte[] right = Files.readAllBytes(file);
    TlsStores stores =
        TlsStores.builder().trustStore(file, PASSWORD).keyStore(keys, PASSWORD).build();
    SSLContext first = stores.get();
    try (LogCapture log = new LogCapture(TlsStores.class, Level.WARNING)) {
      replace(file, Arrays.copyOf(right, right.length / 2));
      assertThat(stores.get()).isSameAs(first).isSameAs(stores.get());
      Files.delete(file);
      assertThat(stores.get()).isSameAs(first).isSameAs(stores.get());
      assertThat(log.messages())
          .satisfiesExactly(
              message -> assertThat(message).startsWith("WARNING TLS: " + file + " is damaged: "),
              message ->
                  assertThat(message)
                      .isEqualTo(
                          "WARNING TLS: "
                              + file
                              + " does not exist; its former content stays in use"));
    }
    replace(file, right);
    assertThat(stores.get()).isNotSameAs(first);
  }

  /** As it should be done: no reader ever finds half of it. */
  private void replace(Path file, byte[] bytes) throws Exception {
    Path next = Files.write(directory.resolve("next"), bytes);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void aFileThatCannotBeReadIsRefusedWithItsName() throws Exception {
    Path absent = directory.resolve("absent.p12");
    Path text = Files.writeString(directory.resolve("text"), "certificates", UTF_8);
    Path pem =
        Files.writeString(directory.resolve("tls.crt"), "-----BEGIN CERTIFICATE-----", UTF_8);
    Path empty = certificates.empty();

    requireRefusal(() -> trust(absent, PASSWORD), absent + " does not exist");
    requireRefusal(() -> trust(text, PASSWORD), text + " is neither PKCS12 nor JKS");
    requireRefusal(
        () -> trust(pem, PASSWORD),
        pem + " is PEM, but must be PKCS12 or JKS; for PEM there is geecache.tls-ca");
    requireRefusal(
        () -> trust(trusted, "another"), trusted + " cannot be opened with the given password");
    requireRefusal(
        () -> trust(trusted, null),
        trusted + " has no certificate that can be read without a password");
    requireRefusal(
        () -> trust(empty, PASSWORD),
        empty
            + " has no certificate to trust (keytool -importcert puts one there so that Java sees"
            + " it)");
    requireRefusal(
        () -> TlsStores.builder().keyStore(trusted, PASSWORD),
        trusted + " has no private key with its certificate; is it a trust store?");
    requireRefusal(() -> TlsStores.builder().build(), "no file with certificates is named");
    assertThatThrownBy(() -> trust(directory, PASSWORD))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(directory + " cannot be read: ");
  }

  /** JKS has a password for each key; all keys of a store are opened when it is used. */
  @ParameterizedTest
  @CsvSource({"first, node", "node, second"})
  void everyKeyHasToBeOfTheOnePassword(String others, String ours) throws Exception {
    KeyStore node = KeyStore.getInstance(keys.toFile(), PASSWORD.toCharArray());
    Key key = node.getKey("node", PASSWORD.toCharArray());
    Certificate[] chain = node.getCertificateChain("node");
    KeyStore both = KeyStore.getInstance("JKS");
    both.load(null, null);
    both.setKeyEntry(others, key, "another".toCharArray(), chain);
    both.setKeyEntry(ours, key, PASSWORD.toCharArray(), chain);
    Path file = directory.resolve("both.jks");
    try (OutputStream out = Files.newOutputStream(file)) {
      both.store(out, PASSWORD.toCharArray());
    }
    requireRefusal(
        () -> TlsStores.builder().keyStore(file, PASSWORD),
        file + " has a key whose password is not that of the file");
  }

  private static void trust(Path file, String password) {
    TlsStores.builder().trustStore(file, password);
  }

  private static void requireRefusal(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }

  @Test
  void passwordsAreToldByNobody() {
    Path trustStore = trusted;
    Path keyStore = keys;
    String password = PASSWORD;
    PeerOptions options =
        PeerOptions.builder()
            .tls(
                TlsStores.builder()
                    .trustStore(trustStore, password)
                    .keyStore(keyStore, password)
                    .build())
            .build();
    assertThat(options.tls()).hasToString(trusted + ", " + keys);
    assertThat(options.toString()).doesNotContain(PASSWORD);
  }
}
