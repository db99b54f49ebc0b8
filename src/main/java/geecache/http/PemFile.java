package geecache.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file with certificates, a private key, or both, in PEM. */
record PemFile(TlsFile file) {
  private static final String CERTIFICATE = "CERTIFICATE";

  /** More bytes than the certificates of all public authorities have together. */
  private static final int LONGEST = 4 << 20;

  /** Of stores that nobody writes into a file. */
  static final char[] NO_PASSWORD = {};

  /**
   * Reads the certificates to trust.
   *
   * @throws IllegalArgumentException if there is none, or the file cannot be read; the message has
   *     the file and the fault
   */
  KeyStore readTrusted() {
    try {
      KeyStore store = emptyStore();
      for (X509Certificate certificate : certificates()) {
        store.setCertificateEntry("authority-" + store.size(), certificate);
      }
      return store;
    } catch (GeneralSecurityException | IOException impossible) {
      throw file.refused("cannot be used: " + impossible, impossible);
    }
  }

  /**
   * Reads a node's certificate, followed by those that lead to its authority, and the key of the
   * first.
   *
   * @throws IllegalArgumentException if there is none, they do not belong together, or a file
   *     cannot be read; the message has the file and the fault
   */
  KeyStore readWith(PemFile keyFile) {
    List<X509Certificate> chain = certificates();
    for (int i = 1; i < chain.size(); i++) {
      X509Certificate signed = chain.get(i - 1);
      if (!signed.getIssuerX500Principal().equals(chain.get(i).getSubjectX500Principal())) {
        throw file.refused(
            "has to begin with the node's certificate, and each has to be followed by the one that"
                + " signed it; certificate "
                + (i + 1)
                + " did not sign the one before",
            null);
      }
    }
    PrivateKey key = keyFile.key();
    try {
      if (!isPair(key, chain.get(0))) {
        throw file.refused("has first a certificate whose key is not that in " + keyFile, null);
      }
      KeyStore store = emptyStore();
      store.setKeyEntry("node", key, NO_PASSWORD, chain.toArray(Certificate[]::new));
      return store;
    } catch (GeneralSecurityException | IOException failure) {
      throw file.refused("cannot be used with the key in " + keyFile + ": " + failure, failure);
    }
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static boolean isPair(PrivateKey key, X509Certificate certificate)
      throws GeneralSecurityException {
    if (!key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm())) {
      return false;
    }
    byte[] message = {1};
    Signature signature = Signature.getInstance(signatureOf(key));
    signature.initSign(key);
    signature.update(message);
    byte[] signed = signature.sign();
    signature.initVerify(certificate.getPublicKey());
    signature.update(message);
    try {
      return signature.verify(signed);
    } catch (SignatureException another) { // For keys of another length.
      return false;
    }
  }

  private static String signatureOf(PrivateKey key) {
    return switch (key.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> key.getAlgorithm();
    };
  }

  private List<X509Certificate> certificates() {
    List<X509Certificate> found = new ArrayList<>();
    for (PemBlock block : blocks()) {
      if (block.label().equals(CERTIFICATE)) {
        try {
          found.add(certificate(block));
        } catch (CertificateException malformed) {
          throw file.refused(
              "has a malformed certificate, number " + (found.size() + 1), malformed);
        }
      }
    }
    if (found.isEmpty()) {
      throw file.refused("has no certificate in PEM", null);
    }
    return found;
  }

  /**
   * Reads a certificate.
   *
   * @throws CertificateException if it is malformed
   */
  static X509Certificate certificate(PemBlock block) throws CertificateException {
    ByteArrayInputStream bytes = new ByteArrayInputStream(block.content());
    Certificate read = CertificateFactory.getInstance("X.509").generateCertificate(bytes);
    if (read instanceof X509Certificate certificate && bytes.available() == 0) {
      return certificate;
    }
    throw new CertificateException("no certificate, or more than one");
  }

  /**
   * Reads the only private key.
   *
   * @throws IllegalArgumentException if there is none or more than one, or it cannot be read; the
   *     message has the file and the fault
   */
  PrivateKey key() {
    @Nullable PemBlock found = null;
    for (PemBlock block : blocks()) {
      if (PemKey.LABELS.contains(block.label())) {
        if (found != null) {
          throw file.refused("has more than one private key", null);
        }
        found = block;
      }
    }
    if (found == null) {
      throw file.refused("has no private key in PEM", null);
    }
    try {
      return PemKey.read(found);
    } catch (IllegalArgumentException refused) {
      throw file.refused(String.valueOf(refused.getMessage()), null);
    }
  }

  private List<PemBlock> blocks() {
    byte[] bytes = file.read(LONGEST + 1);
    if (bytes.length > LONGEST) {
      throw file.refused("has more than " + LONGEST + " bytes", null);
    }
    List<PemBlock> blocks;
    try {
      blocks = PemBlock.parse(bytes);
    } catch (IllegalArgumentException malformed) {
      throw file.refused("is damaged: " + malformed.getMessage(), null);
    }
    for (PemBlock block : blocks) {
      if (!isKnown(block.label())) {
        throw file.refused(
            "has something that is neither certificate nor key: " + block.label(), null);
      }
    }
    return blocks;
  }

  private static boolean isKnown(String label) {
    return label.equals(CERTIFICATE) || label.equals(PemKey.CURVE) || PemKey.LABELS.contains(label);
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
