package geecache.http;

import geecache.internal.ControlCharacters;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.apache.hc.core5.ssl.SSLContextBuilder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates that a node trusts over TLS, and the certificate that it shows its peers: files
 * in PEM, or stores in PKCS12 or JKS. For {@link PeerOptions#tls}.
 *
 * <p>If a file is replaced, the next new connection reads it again. If it cannot be used then, it
 * is logged once as a warning, and the former content stays in use until the files change again.
 * Safe for use by many threads.
 */
public final class TlsStores implements Supplier<SSLContext> {
  private static final Logger log = LoggerFactory.getLogger(TlsStores.class);

  private final @Nullable Source trust;
  private final @Nullable Source keys;

  /**
   * Replaced as a whole under this. After a stale read, the files' attributes are read once more.
   */
  private volatile Loaded last;

  private TlsStores(@Nullable Source trust, @Nullable Source keys) {
    this.trust = trust;
    this.keys = keys;
    List<TlsFile.@Nullable Version> now = versions();
    this.last = new Loaded(now, read());
  }

  /**
   * Certificates or keys.
   *
   * @param reader throws an {@link IllegalArgumentException} with the file and the fault
   * @param password of the keys in what {@code reader} returns
   */
  private record Source(
      List<TlsFile> files, Supplier<KeyStore> reader, char @Nullable [] password) {}

  private record Loaded(List<TlsFile.@Nullable Version> versions, SSLContext context) {}

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
    return loaded.versions().equals(versions()) ? loaded.context() : readAgain();
  }

  /**
   * Reads the attributes first: they change once more when a file that is being written is
   * complete, or when the second one of a certificate and its key has been replaced too.
   */
  private synchronized SSLContext readAgain() {
    List<TlsFile.@Nullable Version> now = versions();
    if (!last.versions().equals(now)) {
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

  private Stream<TlsFile> files() {
    return Stream.of(trust, keys)
        .flatMap(source -> source == null ? Stream.of() : source.files().stream());
  }

  private List<TlsFile.@Nullable Version> versions() {
    return files().<TlsFile.@Nullable Version>map(TlsFile::version).toList();
  }

  private SSLContext read() {
    try {
      SSLContextBuilder builder = SSLContextBuilder.create();
      if (trust != null) {
        builder.loadTrustMaterial(trust.reader().get(), null);
      }
      if (keys != null) {
        builder.loadKeyMaterial(keys.reader().get(), keys.password());
      }
      return builder.build();
    } catch (GeneralSecurityException failure) {
      throw new IllegalArgumentException(this + " cannot be used: " + failure, failure);
    }
  }

  /** Names the files, without their passwords. */
  @Override
  public String toString() {
    return files().map(TlsFile::toString).collect(Collectors.joining(", "));
  }

  /**
   * Names the files, and reads each: one that cannot be used is refused at once, in an {@link
   * IllegalArgumentException} that names it. A later call takes the place of an earlier one for the
   * same. For one thread.
   */
  public static final class Builder {
    private @Nullable Source trust;
    private @Nullable Source keys;

    private Builder() {}

    /**
     * Sets a store of the certificates that must have signed those of peers. Default: the JVM's
     * trust store.
     *
     * @param password null if the certificates are not encrypted
     * @throws IllegalArgumentException if the file cannot be read or has no certificate; the
     *     message names the file, without its password
     */
    public Builder trustStore(Path file, @Nullable String password) {
      StoreFile store = new StoreFile(new TlsFile(file), password);
      trust = usable(new Source(List.of(store.file()), store::readTrusted, store.chars()));
      return this;
    }

    /**
     * Sets a file in PEM with the certificates that must have signed those of peers.
     *
     * @throws IllegalArgumentException if the file cannot be read or has no certificate; the
     *     message names the file
     */
    public Builder authorities(Path file) {
      PemFile pem = new PemFile(new TlsFile(file));
      trust = usable(new Source(List.of(pem.file()), pem::readTrusted, PemFile.NO_PASSWORD));
      return this;
    }

    /**
     * Sets a store of this node's private key and certificate, for peers that ask for one. Default:
     * none.
     *
     * @param password of the file and of the key in it
     * @throws IllegalArgumentException if the file cannot be read or has no key; the message names
     *     the file, without its password
     */
    public Builder keyStore(Path file, String password) {
      StoreFile store = new StoreFile(new TlsFile(file), password);
      keys = usable(new Source(List.of(store.file()), store::readKeys, store.chars()));
      return this;
    }

    /**
     * Sets this node's certificate and private key, in PEM, for peers that ask for one.
     *
     * @param certificates the node's own, followed by those that lead to its authority
     * @param key that of the first certificate, not encrypted; may be the same file
     * @throws IllegalArgumentException if a file cannot be read, or they do not belong together;
     *     the message names the file
     */
    public Builder certificate(Path certificates, Path key) {
      PemFile pem = new PemFile(new TlsFile(certificates));
      PemFile pemOfKey = new PemFile(new TlsFile(key));
      keys =
          usable(
              new Source(
                  List.of(pem.file(), pemOfKey.file()),
                  () -> pem.readWith(pemOfKey),
                  PemFile.NO_PASSWORD));
      return this;
    }

    private static Source usable(Source source) {
      source.reader().get();
      return source;
    }

    /**
     * Reads the files.
     *
     * @throws IllegalArgumentException if no file was named, or one cannot be read any more
     */
    public TlsStores build() {
      if (trust == null && keys == null) {
        throw new IllegalArgumentException("no file with certificates is named");
      }
      return new TlsStores(trust, keys);
    }
  }
}
