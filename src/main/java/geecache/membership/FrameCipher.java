package geecache.membership;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * Seals and opens the frames of one sender in one session, by AES-256 in GCM (NIST SP 800-38D),
 * which encrypts and authenticates. Frames are numbered, and their number is the nonce: the sender
 * never uses one twice. Not safe for use by several threads.
 */
final class FrameCipher {
  /** How much longer than its text a sealed frame is. */
  static final int TAG_BYTES = 16;

  private static final int NONCE_BYTES = 12;

  private final SecretKey key;
  private final Cipher cipher;

  FrameCipher(SecretKey key) {
    this.key = key;
    try {
      cipher = Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException lacking) {
      throw new IllegalStateException("this JVM lacks AES/GCM/NoPadding", lacking);
    }
  }

  /**
   * Writes the sealed text, and its tag, to {@code into}.
   *
   * @param into what stands before {@code at} in it is authenticated too
   */
  void seal(long number, byte[] text, int offset, int length, byte[] into, int at) {
    try {
      init(Cipher.ENCRYPT_MODE, number, into, at);
      cipher.doFinal(text, offset, length, into, at);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("a frame cannot be sealed", impossible);
    }
  }

  /**
   * Returns the text of a frame; null unless this session's sender has sealed it with this number.
   *
   * @param frame what stands before {@code at} in it is authenticated too
   */
  byte @Nullable [] open(long number, byte[] frame, int at, int length) {
    if (length < TAG_BYTES) {
      return null;
    }
    try {
      init(Cipher.DECRYPT_MODE, number, frame, at);
      return cipher.doFinal(frame, at, length);
    } catch (AEADBadTagException another) {
      return null;
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("a frame cannot be opened", impossible);
    }
  }

  private void init(int mode, long number, byte[] frame, int before)
      throws GeneralSecurityException {
    byte[] nonce = ByteBuffer.allocate(NONCE_BYTES).putInt(0).putLong(number).array();
    cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
    cipher.updateAAD(frame, 0, before);
  }
}
