package geecache.membership;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Keys made of the secrets of a cluster. Each connection and each sender of datagrams has keys of
 * its own, which are derived from these. The first secret is the one to seal with; any may open, so
 * that secrets can be replaced one node after the other. Immutable, and safe for use by many
 * threads.
 */
final class SealingKeys {
  private static final String MAC = "HmacSHA256";
  private static final int KEY_BITS = 256;

  /** Secrets may be words that somebody chose: each guess is to cost some time. */
  private static final int ITERATIONS = 100_000;

  /** Stands for the secret where there is none: everybody can derive the keys. */
  private static final String NONE = "no secret: everybody can read and join this";

  private final List<SecretKey> roots = new ArrayList<>();

  /**
   * Derives the keys, by PBKDF2 (RFC 8018); takes some tenths of a second.
   *
   * @param secrets may be empty: the keys are then known to everybody
   * @param cluster keeps apart the keys of clusters that share a secret
   */
  SealingKeys(List<String> secrets, String cluster) {
    try {
      SecretKeyFactory factory = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256");
      byte[] salt = ("geecache jgroups 2 " + cluster).getBytes(UTF_8);
      for (String secret : secrets.isEmpty() ? List.of(NONE) : secrets) {
        PBEKeySpec spec = new PBEKeySpec(secret.toCharArray(), salt, ITERATIONS, KEY_BITS);
        roots.add(new SecretKeySpec(factory.generateSecret(spec).getEncoded(), MAC));
        spec.clearPassword();
      }
    } catch (GeneralSecurityException lacking) {
      throw new IllegalStateException("this JVM lacks PBKDF2WithHmacSHA256", lacking);
    }
  }

  /** Returns how many secrets there are; at least one. */
  int count() {
    return roots.size();
  }

  /**
   * Returns a key for AES-256.
   *
   * @param secret the number of the secret, from 0 on
   * @param purpose keeps apart keys that are made of the same parts
   * @param parts each of a fixed length; a key is used for one session only if the parts never come
   *     again
   */
  SecretKey derive(int secret, String purpose, byte[]... parts) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(roots.get(secret));
      mac.update(purpose.getBytes(UTF_8));
      mac.update((byte) 0);
      for (byte[] part : parts) {
        mac.update(part);
      }
      return new SecretKeySpec(mac.doFinal(), "AES");
    } catch (GeneralSecurityException lacking) {
      throw new IllegalStateException("this JVM lacks " + MAC, lacking);
    }
  }
}
