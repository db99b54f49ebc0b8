package geecache.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.util.Collections;
import org.jspecify.annotations.Nullable;

/**
 * A file with certificates or keys. Its content shows whether it is PKCS12 or JKS.
 *
 * @param password null for none: certificates that are not encrypted need no password
 */
record StoreFile(Path file, @Nullable String password) {
  private static final String PEM = "-----BEGIN";

  /** Changes whenever the file is rewritten or replaced. */
  record Version(FileTime modified, long size, @Nullable Object key) {}

  /** Returns the version of the file; null if the file does not exist now. */
  @Nullable Version version() {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new Version(now.lastModifiedTime(), now.size(), now.fileKey());
    } catch (IOException gone) {
      return null;
    }
  }

  /**
   * Reads the certificates to trust.
   *
   * @throws IllegalArgumentException if there is none, or the file cannot be read; the message has
   *     the file and the fault
   */
  KeyStore readTrusted() {
    KeyStore store = read();
    try {
      for (String alias : Collections.list(store.aliases())) {
        if (store.getCertificate(alias) != null) {
          return store;
        }
      }
    } catch (KeyStoreException impossible) {
      throw refused("cannot be read: " + impossible, impossible);
    }
    throw refused(
        password == null
            ? "has no certificate that can be read without a password"
            : "has no certificate to trust (keytool -importcert puts one there so that Java sees it)",
        null);
  }

  /**
   * Reads private keys and their certificates.
   *
   * @throws IllegalArgumentException if there is none, or a key or the file cannot be read; the
   *     message has the file and the fault
   */
  KeyStore readKeys() {
    KeyStore store = read();
    boolean found = false;
    try {
      for (String alias : Collections.list(store.aliases())) {
        found |= store.isKeyEntry(alias) && store.getKey(alias, chars()) instanceof PrivateKey;
      }
    } catch (UnrecoverableKeyException another) {
      throw refused("has a key whose password is not that of the file", another);
    } catch (GeneralSecurityException failure) {
      throw refused("has a key that cannot be read: " + failure, failure);
    }
    if (!found) {
      throw refused("has no private key with its certificate; is it a trust store?", null);
    }
    return store;
  }

  char @Nullable [] chars() {
    return password == null ? null : password.toCharArray();
  }

  private KeyStore read() {
    requireReadable();
    try {
      return KeyStore.getInstance(file.toFile(), chars());
    } catch (KeyStoreException unknown) {
      throw refused("is neither PKCS12 nor JKS", unknown);
    } catch (IOException failure) {
      throw refused(
          failure.getCause() instanceof UnrecoverableKeyException
              ? "cannot be opened with the given password"
              : "is damaged: " + failure,
          failure);
    } catch (GeneralSecurityException failure) {
      throw refused("cannot be read: " + failure, failure);
    }
  }

  private void requireReadable() {
    try (InputStream in = Files.newInputStream(file)) {
      String start = new String(in.readNBytes(PEM.length()), US_ASCII);
      if (start.equals(PEM)) {
        throw refused("is PEM, but must be PKCS12 or JKS (keytool and openssl convert it)", null);
      }
    } catch (NoSuchFileException absent) {
      throw refused("does not exist", absent);
    } catch (AccessDeniedException denied) {
      throw refused("may not be read by the user that the container runs as", denied);
    } catch (IOException failure) {
      throw refused("cannot be read: " + failure.getMessage(), failure);
    }
  }

  private IllegalArgumentException refused(String why, @Nullable Throwable cause) {
    return new IllegalArgumentException(file + " " + why, cause);
  }

  /** Does not contain the password. */
  @Override
  public String toString() {
    return file.toString();
  }
}
