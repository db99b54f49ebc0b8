package geecache.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/**
 * Files in PEM: any bytes, blocks of any bytes, and certificates and keys with some bytes changed,
 * which no mutation of base64 would be.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PemFuzz {
  private static final String[] LABELS = {
    "CERTIFICATE",
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "EC PARAMETERS",
    "ENCRYPTED PRIVATE KEY"
  };

  private static final String[] FILES = {
    "ca.crt", "ec.crt", "rsa-pkcs1.key", "rsa-pkcs8.key", "ec-sec1.key", "ed25519-pkcs8.key"
  };

  /** What the files have. */
  private final List<PemBlock> made = new ArrayList<>();

  @BeforeAll
  void readFiles() throws IOException, URISyntaxException {
    for (String file : FILES) {
      Path path = Path.of(PemFuzz.class.getResource("pem/" + file).toURI());
      made.addAll(PemBlock.parse(Files.readAllBytes(path)));
    }
  }

  @FuzzTest
  void isReadOrRefused(FuzzedDataProvider data) throws IOException {
    switch (data.consumeInt(0, 2)) {
      case 0 -> readFile(data.consumeRemainingAsBytes());
      case 1 -> {
        String label = data.pickValue(LABELS);
        readWritten(new PemBlock(label, data.consumeRemainingAsBytes()));
      }
      default -> {
        PemBlock block = data.pickValue(made);
        String label = data.consumeBoolean() ? block.label() : data.pickValue(LABELS);
        byte[] content = block.content().clone();
        while (data.remainingBytes() > 0) {
          content[data.consumeInt(0, content.length - 1)] = data.consumeByte();
        }
        readWritten(new PemBlock(label, content));
      }
    }
  }

  private static void readWritten(PemBlock block) throws IOException {
    String base64 = Base64.getMimeEncoder().encodeToString(block.content());
    String file =
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(block.label(), base64, block.label());
    List<PemBlock> blocks = readFile(file.getBytes(ISO_8859_1));
    assertThat(blocks).singleElement();
    assertThat(blocks.get(0).label()).isEqualTo(block.label());
    assertThat(blocks.get(0).content()).isEqualTo(block.content());
  }

  private static List<PemBlock> readFile(byte[] file) {
    List<PemBlock> blocks;
    try {
      blocks = PemBlock.parse(file);
    } catch (IllegalArgumentException refused) {
      assertThat(refused.getMessage())
          .matches(
              "line \\d+ begins no block of PEM|the block that begins at line \\d+ [a-z ,0-9]+");
      return List.of();
    }
    for (PemBlock block : blocks) {
      if (PemKey.LABELS.contains(block.label())) {
        readKey(block);
      } else if (block.label().equals("CERTIFICATE")) {
        readCertificate(block);
      }
    }
    return blocks;
  }

  private static void readKey(PemBlock block) {
    try {
      assertThat(PemKey.read(block)).isNotNull();
    } catch (IllegalArgumentException refused) {
      assertThat(refused.getMessage()).matches("has an? [A-Za-z ,0-9]+");
    }
  }

  /** Read by the JDK, which is to throw nothing but what it declares. */
  private static void readCertificate(PemBlock block) {
    try {
      X509Certificate certificate = PemFile.certificate(block);
      assertThat(certificate.getPublicKey()).isNotNull();
    } catch (CertificateException refused) {
      // As it should be.
    }
  }
}
