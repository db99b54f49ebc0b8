package geecache.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Callers;
import geecache.LogCapture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.concurrent.Future;
import java.util.logging.Level;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates and keys in PEM, as cert-manager and openssl write them. */
class PemFileTest {
  @TempDir private Path directory;

  private static Path made(String name) {
    try {
      return Path.of(PemFileTest.class.getResource("pem/" + name).toURI());
    } catch (URISyntaxException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static String text(String name) throws IOException {
    return Files.readString(made(name));
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text, ISO_8859_1);
  }

  private static TlsStores.Builder certificate(Path certificates, Path key) {
    return TlsStores.builder().certificate(certificates, key);
  }

  private static SSLContext authority() {
    return TlsStores.builder().authorities(made("ca.crt")).build().get();
  }

  @ParameterizedTest
  @CsvSource({
    "rsa, rsa-pkcs1",
    "rsa, rsa-pkcs8",
    "rsa4096, rsa4096-pkcs1",
    "ec, ec-sec1",
    "ec, ec-pkcs8",
    "p521, p521-sec1",
    "ed25519, ed25519-pkcs8"
  })
  void aKeyOfEachFormIsShownWithTheWholeChain(String certificates, String key) throws Exception {
    SSLContext server = certificate(made(certificates + ".crt"), made(key + ".key")).build().get();
    assertThat(shownBy(server)).isEqualTo(2);
  }

  /** Returns how many certificates a server shows to a client that trusts the authority alone. */
  private static int shownBy(SSLContext server) throws Exception {
    try (Callers callers = new Callers();
        SSLServerSocket listening =
            (SSLServerSocket)
                server
                    .getServerSocketFactory()
                    .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SSLSocket client =
            (SSLSocket)
                authority()
                    .getSocketFactory()
                    .createSocket(InetAddress.getLoopbackAddress(), listening.getLocalPort())) {
      Future<?> accepted =
          callers.call(
              () -> {
                try (SSLSocket socket = (SSLSocket) listening.accept()) {
                  return socket.getInputStream().read();
                }
              });
      client.startHandshake();
      client.getOutputStream().write('x');
      assertThat(accepted.get()).isEqualTo((int) 'x');
      return client.getSession().getPeerCertificates().length;
    }
  }

  @Test
  void oneFileMayHaveBothAndTextAround() throws Exception {
    Path both =
        file(
            "both.pem",
            "Bag Attributes: none\r\n"
                + text("ec-sec1.key").replace("\n", "\r\n")
                + "subject=CN = ec\r\n"
                + text("ec.crt"));
    assertThat(certificate(both, both).build().get()).isNotNull();
  }

  @Test
  void aCertificateAndItsKeyAreReadAgainOnceBothAreReplaced() throws Exception {
    Path certificates = Files.copy(made("ec.crt"), directory.resolve("tls.crt"));
    Path key = Files.copy(made("ec-sec1.key"), directory.resolve("tls.key"));
    TlsStores stores = certificate(certificates, key).build();
    SSLContext first = stores.get();
    try (LogCapture log = new LogCapture(TlsStores.class, Level.INFO)) {
      replace(certificates, "rsa.crt");
      assertThat(stores.get()).isSameAs(first).isSameAs(stores.get());
      replace(key, "rsa-pkcs1.key");
      assertThat(stores.get()).isNotSameAs(first).isSameAs(stores.get());
      assertThat(log.messages())
          .containsExactly(
              "WARNING TLS: "
                  + certificates
                  + " has first a certificate whose key is not that in "
                  + key
                  + "; its former content stays in use",
              "INFO TLS: " + certificates + ", " + key + " was read again");
    }
  }

  private void replace(Path file, String by) throws IOException {
    Path next = Files.copy(made(by), directory.resolve("next"));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void aCertificateThatDoesNotFitIsRefusedWithItsFile() throws Exception {
    Path ec = made("ec.crt");
    Path key = made("ec-sec1.key");
    for (String other : new String[] {"p521-sec1.key", "rsa-pkcs1.key", "rsa4096-pkcs1.key"}) {
      requireRefusal(
          () -> certificate(ec, made(other)),
          ec + " has first a certificate whose key is not that in " + made(other));
    }
    requireRefusal(
        () -> certificate(made("rsa4096.crt"), made("rsa-pkcs1.key")),
        made("rsa4096.crt")
            + " has first a certificate whose key is not that in "
            + made("rsa-pkcs1.key"));
    Path wrong = file("wrong.crt", text("ec.crt") + text("rsa.crt"));
    requireRefusal(
        () -> certificate(wrong, key),
        wrong
            + " has to begin with the node's certificate, and each has to be followed by the one"
            + " that signed it; certificate 3 did not sign the one before");
    requireRefusal(() -> certificate(ec, ec), ec + " has no private key in PEM");
    requireRefusal(() -> certificate(key, key), key + " has no certificate in PEM");
  }

  @Test
  void aFileThatBreaksTheRulesIsRefusedWithTheRule() throws Exception {
    String good = text("ec-sec1.key");
    String ca = text("ca.crt");
    Path absent = directory.resolve("absent");
    requireRefusal(() -> TlsStores.builder().authorities(absent), absent + " does not exist");
    refused("", "has no private key in PEM");
    refused(good + good, "has more than one private key");
    refused(
        good.replace("END EC PRIVATE", "END RSA PRIVATE"),
        "is damaged: the block that begins at line 4 has no end");
    refused(
        good.substring(0, good.length() - 40),
        "is damaged: the block that begins at line 4 has no end");
    refused(
        good.replaceAll("(?s)(EC PRIVATE KEY-----\n).", "$1!"),
        "is damaged: the block that begins at line 4 is not in base64");
    refused(
        text("encrypted-rfc1421.key"),
        "is damaged: the block that begins at line 1 is encrypted, or has headers");
    refused(text("encrypted.key"), "has an encrypted key, for which nothing asks");
    refused("-----BEGIN PRIVATE KEY----\n", "is damaged: line 1 begins no block of PEM");
    refused(
        ca.replace("CERTIFICATE", "X509 CRL"),
        "has something that is neither certificate nor key: X509 CRL");
    refused(
        ca.replace("CERTIFICATE", "EC PRIVATE KEY"),
        "has an EC key that is malformed or names no curve");
    for (String label : new String[] {"RSA PRIVATE KEY", "PRIVATE KEY"}) {
      refused(
          ca.replace("CERTIFICATE", label),
          "has a key that is malformed, or neither RSA, EC nor EdDSA");
    }
    Path malformed =
        file("malformed.crt", text("rsa-pkcs8.key").replace("PRIVATE KEY", "CERTIFICATE"));
    requireRefusal(
        () -> TlsStores.builder().authorities(malformed),
        malformed + " has a malformed certificate, number 1");
    Path tooLong = file("long.crt", ca + " ".repeat(4 << 20));
    requireRefusal(
        () -> TlsStores.builder().authorities(tooLong), tooLong + " has more than 4194304 bytes");
  }

  private void refused(String key, String message) throws IOException {
    Path file = file("tls.key", key);
    requireRefusal(() -> certificate(made("ec.crt"), file), file + " " + message);
  }

  private static void requireRefusal(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }

  /** Each cut, and each byte changed, ends in a refusal or in a key, and in nothing else. */
  @ParameterizedTest
  @ValueSource(strings = {"ec-sec1.key", "rsa-pkcs1.key", "ed25519-pkcs8.key", "ca.crt"})
  void noBytesEndInAnythingButARefusal(String name) throws Exception {
    byte[] good = PemBlock.parse(Files.readAllBytes(made(name))).get(0).content();
    for (String label : PemKey.LABELS) {
      for (int i = 0; i < good.length; i += 1 + good.length / 400) {
        byte[] cut = Arrays.copyOf(good, i);
        byte[] changed = good.clone();
        changed[i] ^= (byte) (i | 1);
        readOrRefuse(new PemBlock(label, cut));
        readOrRefuse(new PemBlock(label, changed));
      }
    }
  }

  private static void readOrRefuse(PemBlock block) {
    try {
      assertThat(PemKey.read(block)).isNotNull();
    } catch (IllegalArgumentException refused) {
      assertThat(refused.getMessage()).startsWith("has a");
    }
  }
}
