package geecache.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.util.Collections;
import org.jspecify.annotations.Nullable;

/**
 * A store of certificates or keys. Its content shows whether it is PKCS12 or JKS.
 *
 * @param password null for none: certificates that are not encrypted need no password
 */
record StoreFile(TlsFile file, @Nullable String password) {
  private static final String PEM = "-----BEGIN";

  /**
   * Reads the certificates to trust.
   *
   * @throws IllegalArgumentException if there is none, or the file cannot be read; the message has
   *     the file and the fault
   */
  KeyStore readTrusted() {
    KeyStore store = read("geecache.tls-ca");
    try {
      for (String alias : Collections.list(store.aliases())) {
        if (store.getCertificate(alias) != null) {
          return store;
        }
      }
    } catch (KeyStoreException impossible) {
      throw file.refused("cannot be read: " + impossible, impossible);
    }
    throw file.refused(
        password == null
            ? "has no certificate that can be read without a password"
            : "has no certificate to trust (keytool -importcert puts one there so that Java sees"
                + " it)",
        null);
  }

  /**
   * Reads private keys and their certificates.
   *
   * @throws IllegalArgumentException if there is none, or a key or the file cannot be read; the
   *     message has the file and the fault
   */
  KeyStore readKeys() {
    KeyStore store = read("geecache.tls-certificate and geecache.tls-key");
    boolean found = false;
    try {
      for (String alias : Collections.list(store.aliases())) {
        found |= store.isKeyEntry(alias) && store.getKey(alias, chars()) instanceof PrivateKey;
      }
    } catch (UnrecoverableKeyException another) {
      throw file.refused("has a key whose password is not that of the file", another);
    } catch (GeneralSecurityException failure) {
      throw file.refused("has a key that cannot be read: " + failure, failure);
    }
    if (!found) {
      throw file.refused("has no private key with its certificate; is it a trust store?", null);
    }
    return store;
  }

  char @Nullable [] chars() {
    return password == null ? null : password.toCharArray();
  }

  /**
   * Reads the store.
   *
   * @param forPem the settings for the same in PEM
   */
  private KeyStore read(String forPem) {
    if (new String(file.read(PEM.length()), US_ASCII).equals(PEM)) {
      throw file.refused("is PEM, but must be PKCS12 or JKS; for PEM there is " + forPem, null);
    }
    try {
      return KeyStore.getInstance(file.path().toFile(), chars());
    } catch (KeyStoreException unknown) {
      throw file.refused("is neither PKCS12 nor JKS", unknown);
    } catch (IOException failure) {
      throw file.refused(
          failure.getCause() instanceof UnrecoverableKeyException
              ? "cannot be opened with the given password"
              : "is damaged: " + failure,
          failure);
    } catch (GeneralSecurityException failure) {
      throw file.refused("cannot be read: " + failure, failure);
    }
  }

  /** Does not contain the password. */
  @Override
  public String toString() {
    return file.toString();
  }
}
