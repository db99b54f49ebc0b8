package geecache.http;

import geecache.internal.ControlCharacters;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.apache.hc.core5.ssl.SSLContextBuilder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates that a node trusts over TLS, and the certificate that it shows its peers: a
 * trust store, a key store, or both, each a file in PKCS12 or JKS. For {@link PeerOptions#tls}.
 *
 * <p>If a file is replaced, the next new connection reads it again. If it cannot be used then, it
 * is logged once as a warning, and the former content stays in use until the files change again.
 * Safe for use by many threads.
 */
public final class TlsStores implements Supplier<SSLContext> {
  private static final Logger log = LoggerFactory.getLogger(TlsStores.class);

  private final @Nullable StoreFile trust;
  private final @Nullable StoreFile keys;

  /**
   * Replaced as a whole under this. After a stale read, the files' attributes are read once more.
   */
  private volatile Loaded last;

  private TlsStores(@Nullable StoreFile trust, @Nullable StoreFile keys) {
    this.trust = trust;
    this.keys = keys;
    FileVersions now = files();
    this.last = new Loaded(now, read());
  }

  /** The versions of both files. */
  private record FileVersions(
      StoreFile.@Nullable Version trust, StoreFile.@Nullable Version keys) {}

  private record Loaded(FileVersions files, SSLContext context) {}

  /** Returns a builder without files. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the context made from the files, the same object as long as they do not change. Reads
   * the files' attributes. If those have changed, reads the files again, and other threads wait
   * meanwhile.
   */
  @Override
  public SSLContext get() {
    Loaded loaded = last;
    return loaded.files().equals(files()) ? loaded.context() : readAgain();
  }

  /**
   * Reads the attributes first: they change once more when a file that is being written is
   * complete.
   */
  private synchronized SSLContext readAgain() {
    FileVersions now = files();
    if (!last.files().equals(now)) {
      SSLContext context = last.context();
      try {
        context = read();
        log.info("TLS: {} was read again", ControlCharacters.escape(toString()));
      } catch (IllegalArgumentException refused) {
        log.warn(
            "TLS: {}; its former content stays in use",
            ControlCharacters.escape(String.valueOf(refused.getMessage())));
      }
      last = new Loaded(now, context);
    }
    return last.context();
  }

  private FileVersions files() {
    return new FileVersions(
        trust == null ? null : trust.version(), keys == null ? null : keys.version());
  }

  private SSLContext read() {
    try {
      SSLContextBuilder builder = SSLContextBuilder.create();
      if (trust != null) {
        builder.loadTrustMaterial(trust.readTrusted(), null);
      }
      if (keys != null) {
        builder.loadKeyMaterial(keys.readKeys(), keys.chars());
      }
      return builder.build();
    } catch (GeneralSecurityException failure) {
      throw new IllegalArgumentException(this + " cannot be used: " + failure, failure);
    }
  }

  /** Names the files, without their passwords. */
  @Override
  public String toString() {
    return trust == null ? keys + "" : keys == null ? trust + "" : trust + ", " + keys;
  }

  /** Names the files. For one thread. */
  public static final class Builder {
    private @Nullable StoreFile trust;
    private @Nullable StoreFile keys;

    private Builder() {}

    /**
     * Sets the certificates that must have signed those of peers. Default: the JVM's trust store.
     *
     * @param password null if the certificates are not encrypted
     * @throws IllegalArgumentException if the file cannot be read or has no certificate; the
     *     message names the file, without its password
     */
    public Builder trustStore(Path file, @Nullable String password) {
      StoreFile store = new StoreFile(file, password);
      store.readTrusted();
      trust = store;
      return this;
    }

    /**
     * Sets this node's private key and certificate, for peers that ask for one. Default: none.
     *
     * @param password of the file and of the key in it
     * @throws IllegalArgumentException if the file cannot be read or has no key; the message names
     *     the file, without its password
     */
    public Builder keyStore(Path file, String password) {
      StoreFile store = new StoreFile(file, password);
      store.readKeys();
      keys = store;
      return this;
    }

    /**
     * Reads the files.
     *
     * @throws IllegalArgumentException if no file was named, or one cannot be read any more
     */
    public TlsStores build() {
      if (trust == null && keys == null) {
        throw new IllegalArgumentException("neither a trust store nor a key store is named");
      }
      return new TlsStores(trust, keys);
    }
  }
}
