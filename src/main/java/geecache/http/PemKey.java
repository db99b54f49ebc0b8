package geecache.http;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Private keys as PEM files have them: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017, appendix A.1.2) and SEC
 * 1 (RFC 5915). The JDK reads the first form alone, so the other two are put into it.
 */
final class PemKey {
  private static final String PKCS8 = "PRIVATE KEY";
  private static final String PKCS1 = "RSA PRIVATE KEY";
  private static final String SEC1 = "EC PRIVATE KEY";
  private static final String ENCRYPTED = "ENCRYPTED PRIVATE KEY";

  /** What openssl may write before a key of the third form, which names its curve itself. */
  static final String CURVE = "EC PARAMETERS";

  static final Set<String> LABELS = Set.of(PKCS8, PKCS1, SEC1, ENCRYPTED);

  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  private static final int INTEGER = 0x02;
  private static final int OCTETS = 0x04;
  private static final int SEQUENCE = 0x30;

  /** Of an EC key: its curve. */
  private static final int PARAMETERS = 0xa0;

  private static final byte[] VERSION = HexFormat.of().parseHex("020100");

  /** The object identifier of RSA, with its parameters, of which there are none. */
  private static final byte[] RSA = HexFormat.of().parseHex("06092a864886f70d0101010500");

  /** The object identifier of EC keys; the curve follows. */
  private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

  private PemKey() {}

  /**
   * Reads a key.
   *
   * @param block its label is one of {@link #LABELS}
   * @throws IllegalArgumentException if it is encrypted or malformed; the message has nothing of it
   */
  static PrivateKey read(PemBlock block) {
    byte[] key = block.content();
    return switch (block.label()) {
      case PKCS8 -> ofPkcs8(key);
      case PKCS1 -> ofPkcs8(pkcs8(RSA, key));
      case SEC1 -> ofPkcs8(pkcs8(concat(EC, curve(key)), key));
      default -> throw new IllegalArgumentException("has an encrypted key, for which nothing asks");
    };
  }

  private static PrivateKey ofPkcs8(byte[] key) {
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(key));
      } catch (InvalidKeySpecException another) {
        continue; // Of another algorithm, or malformed.
      } catch (GeneralSecurityException absent) {
        throw new IllegalStateException(absent);
      }
    }
    throw new IllegalArgumentException("has a key that is malformed, or neither RSA, EC nor EdDSA");
  }

  private static byte[] pkcs8(byte[] algorithm, byte[] key) {
    return der(SEQUENCE, concat(VERSION, der(SEQUENCE, algorithm), der(OCTETS, key)));
  }

  /** Returns the curve that a key of SEC 1 names. */
  private static byte[] curve(byte[] key) {
    try {
      ByteBuffer fields = value(ByteBuffer.wrap(key), SEQUENCE);
      value(fields, INTEGER);
      value(fields, OCTETS);
      ByteBuffer curve = value(fields, PARAMETERS);
      byte[] bytes = new byte[curve.remaining()];
      curve.get(bytes);
      return bytes;
    } catch (BufferUnderflowException | IllegalArgumentException malformed) {
      throw new IllegalArgumentException("has an EC key that is malformed or names no curve");
    }
  }

  /** Reads the next value, which must be of this type, and returns its content. */
  private static ByteBuffer value(ByteBuffer from, int type) {
    int found = from.get() & 0xff;
    int length = from.get() & 0xff;
    if (length == 0x81) {
      length = from.get() & 0xff;
    } else if (length == 0x82) {
      length = from.getShort() & 0xffff;
    }
    if (found != type || length > from.remaining()) {
      throw new IllegalArgumentException();
    }
    ByteBuffer content = from.slice(from.position(), length);
    from.position(from.position() + length);
    return content;
  }

  private static byte[] der(int type, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(type);
    if (content.length < 0x80) {
      out.write(content.length);
    } else {
      int bytes = (Integer.SIZE + 7 - Integer.numberOfLeadingZeros(content.length)) / 8;
      out.write(0x80 | bytes);
      for (int i = bytes - 1; i >= 0; i--) {
        out.write(content.length >> (8 * i));
      }
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
