package geecache.membership;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How both ends of a connection show that they have a secret of this cluster, before anything else
 * is read. Each end says random bytes; the keys of the connection are made of the secret and of
 * both. So what somebody has recorded of one connection is worth nothing in any other, even after a
 * restart, and nothing that one end has sent can be played back to it.
 *
 * <pre>
 * client: "gcj2", 16 random bytes
 * server: "gcj2", 16 random bytes
 * client: an empty frame, sealed with its first secret
 * server: an empty frame, sealed with the same
 * </pre>
 *
 * Safe for use by many threads.
 */
final class Handshake {
  private static final byte[] MAGIC = {'g', 'c', 'j', '2'};
  private static final int NONCE_BYTES = 16;
  private static final int HEADER_BYTES = 2;

  private final SealingKeys keys;
  private final SecureRandom random;

  Handshake(SealingKeys keys, SecureRandom random) {
    this.keys = keys;
    this.random = random;
  }

  /** The two directions of a connection that is proved. */
  record Streams(SealedInput in, SealedOutput out) {}

  /**
   * Proves both ends, as the one that connects.
   *
   * @throws NotSealedException if the other end has no such secret
   */
  Streams asClient(InputStream in, OutputStream out) throws IOException {
    byte[] own = sayHello(out);
    byte[] other = hear(in, new byte[0]);
    SealedOutput sealed = new SealedOutput(out, toServer(0, own, other));
    sealed.send();
    out.flush();
    SealedInput opened = new SealedInput(in, toClient(0, own, other), 0);
    if (opened.peek().length > 0) {
      throw new NotSealedException();
    }
    return new Streams(opened, sealed);
  }

  /**
   * Proves both ends, as the one that was connected to; null if the other end closes without a
   * word.
   *
   * @throws NotSealedException if the other end has no such secret
   */
  @Nullable Streams asServer(InputStream in, OutputStream out) throws IOException {
    int first = in.read();
    if (first < 0) {
      return null;
    }
    byte[] other = hear(in, new byte[] {(byte) first});
    byte[] own = sayHello(out);
    byte[] proof = new byte[HEADER_BYTES + FrameCipher.TAG_BYTES];
    new DataInputStream(in).readFully(proof);
    if (proof[0] == 0 && proof[1] == FrameCipher.TAG_BYTES) {
      for (int secret = 0; secret < keys.count(); secret++) {
        FrameCipher cipher = toServer(secret, other, own);
        if (cipher.open(0, proof, HEADER_BYTES, FrameCipher.TAG_BYTES) != null) {
          SealedOutput sealed = new SealedOutput(out, toClient(secret, other, own));
          sealed.send();
          out.flush();
          return new Streams(new SealedInput(in, cipher, 1), sealed);
        }
      }
    }
    throw new NotSealedException();
  }

  private byte[] sayHello(OutputStream out) throws IOException {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] hello = Arrays.copyOf(MAGIC, MAGIC.length + NONCE_BYTES);
    System.arraycopy(nonce, 0, hello, MAGIC.length, NONCE_BYTES);
    out.write(hello);
    out.flush();
    return nonce;
  }

  /** Reads the rest of what the other end says first. */
  private static byte[] hear(InputStream in, byte[] begun) throws IOException {
    byte[] hello = Arrays.copyOf(begun, MAGIC.length + NONCE_BYTES);
    new DataInputStream(in).readFully(hello, begun.length, hello.length - begun.length);
    if (!Arrays.equals(hello, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new NotSealedException();
    }
    return Arrays.copyOfRange(hello, MAGIC.length, hello.length);
  }

  private FrameCipher toServer(int secret, byte[] client, byte[] server) {
    return new FrameCipher(keys.derive(secret, "tcp to server", client, server));
  }

  private FrameCipher toClient(int secret, byte[] client, byte[] server) {
    return new FrameCipher(keys.derive(secret, "tcp to client", client, server));
  }
}
