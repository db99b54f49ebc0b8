package geecache.membership;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Keys made of the secrets of a cluster: AES-256 in GCM (NIST SP 800-38D), which encrypts and
 * authenticates. The first key seals; all open, so that secrets can be replaced one node after the
 * other. What is sealed is a byte for the format, 12 random bytes, the text and a tag of 16 bytes.
 * Safe for use by many threads.
 */
final class SealingKeys {
  private static final byte FORMAT = 1;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BYTES = 16;
  private static final int KEY_BITS = 256;

  /** Secrets may be words that somebody chose: each guess is to cost some time. */
  private static final int ITERATIONS = 100_000;

  private final List<SecretKey> keys = new ArrayList<>();
  private final SecureRandom random = new SecureRandom();

  /**
   * Derives the keys, by PBKDF2 (RFC 8018); takes some tenths of a second.
   *
   * @param cluster keeps apart the keys of clusters that share a secret
   */
  SealingKeys(List<String> secrets, String cluster) {
    try {
      SecretKeyFactory factory = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256");
      byte[] salt = ("geecache jgroups 1 " + cluster).getBytes(UTF_8);
      for (String secret : secrets) {
        PBEKeySpec spec = new PBEKeySpec(secret.toCharArray(), salt, ITERATIONS, KEY_BITS);
        keys.add(new SecretKeySpec(factory.generateSecret(spec).getEncoded(), "AES"));
        spec.clearPassword();
      }
    } catch (GeneralSecurityException lacking) {
      throw new IllegalStateException("this JVM lacks PBKDF2WithHmacSHA256", lacking);
    }
  }

  /** Seals a part of {@code bytes}. */
  byte[] seal(byte[] bytes, int offset, int length) throws GeneralSecurityException {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] sealed = new byte[1 + NONCE_BYTES + length + TAG_BYTES];
    sealed[0] = FORMAT;
    System.arraycopy(nonce, 0, sealed, 1, NONCE_BYTES);
    cipher(Cipher.ENCRYPT_MODE, keys.get(0), nonce)
        .doFinal(bytes, offset, length, sealed, 1 + NONCE_BYTES);
    return sealed;
  }

  /** Opens what is sealed; null if none of the keys did seal it, or somebody has changed it. */
  byte @Nullable [] open(byte[] bytes, int offset, int length) throws GeneralSecurityException {
    if (length < 1 + NONCE_BYTES + TAG_BYTES || bytes[offset] != FORMAT) {
      return null;
    }
    int text = offset + 1 + NONCE_BYTES;
    byte[] nonce = Arrays.copyOfRange(bytes, offset + 1, text);
    for (SecretKey key : keys) {
      try {
        return cipher(Cipher.DECRYPT_MODE, key, nonce)
            .doFinal(bytes, text, length - 1 - NONCE_BYTES);
      } catch (AEADBadTagException another) {
        // Maybe the other key.
      }
    }
    return null;
  }

  private static Cipher cipher(int mode, SecretKey key, byte[] nonce)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
    return cipher;
  }
}
