package geecache;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.apache.hc.core5.ssl.SSLContextBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Keys and certificates that the JDK's keytool makes for one test: an authority and what it signs.
 * Each is a file, of the one {@link #PASSWORD}.
 */
public final class Certificates {
  public static final String PASSWORD = "of-all-stores";

  private static final String AUTHORITY = "authority";

  private final Path directory;
  private final Path everything;

  /**
   * Makes an authority.
   *
   * @param directory has none yet
   * @param name of the authority
   */
  public Certificates(Path directory, String name) throws Exception {
    this.directory = Files.createDirectories(directory);
    this.everything = directory.resolve("everything.p12");
    keytool(AUTHORITY, name, "-ext", "bc:c", "-validity", "30");
  }

  /** Returns a key store with a certificate for {@code 127.0.0.1}. */
  public Path node(String name) throws Exception {
    return signed(name, "ip:127.0.0.1", "-validity", "30");
  }

  /** Returns a key store with a certificate for another host. */
  public Path elsewhere() throws Exception {
    return signed("elsewhere", "dns:elsewhere.example", "-validity", "30");
  }

  /** Returns a key store with a certificate that ended yesterday. */
  public Path expired() throws Exception {
    return signed("expired", "ip:127.0.0.1", "-startdate", "-3d", "-validity", "2");
  }

  private Path signed(String name, String host, String... validity) throws Exception {
    List<String> options = new ArrayList<>(List.of(validity));
    options.addAll(List.of("-signer", AUTHORITY, "-ext", "san=" + host));
    keytool(name, name, options.toArray(String[]::new));
    KeyStore all = open(everything);
    Key key = all.getKey(name, PASSWORD.toCharArray());
    return store(
        directory.resolve(name + ".p12"),
        "PKCS12",
        PASSWORD,
        made -> made.setKeyEntry(name, key, PASSWORD.toCharArray(), all.getCertificateChain(name)));
  }

  /** Returns a trust store with the authority's certificate. */
  public Path trusted() throws Exception {
    return trusted("trusted.p12", "PKCS12", PASSWORD);
  }

  /**
   * As the other.
   *
   * @param type of the store, as JCA calls it
   * @param password null for a file that is not encrypted
   */
  public Path trusted(String file, String type, @Nullable String password) throws Exception {
    Certificate authority = open(everything).getCertificate(AUTHORITY);
    return store(
        directory.resolve(file),
        type,
        password,
        made -> made.setCertificateEntry(AUTHORITY, authority));
  }

  /** Returns a trust store with nothing in it. */
  public Path empty() throws Exception {
    return store(directory.resolve("empty.p12"), "PKCS12", PASSWORD, made -> {});
  }

  /** Returns what a server speaks TLS by that shows {@code keys} and trusts the authority. */
  public SSLContext server(Path keys) {
    try {
      char[] password = PASSWORD.toCharArray();
      return SSLContextBuilder.create()
          .loadKeyMaterial(open(keys), password)
          .loadTrustMaterial(open(trusted()), null)
          .build();
    } catch (Exception failure) {
      throw new IllegalStateException(failure);
    }
  }

  private interface Filling {
    void into(KeyStore store) throws GeneralSecurityException;
  }

  private static Path store(Path file, String type, @Nullable String password, Filling filling)
      throws Exception {
    KeyStore store = KeyStore.getInstance(type);
    store.load(null, null);
    filling.into(store);
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, password == null ? null : password.toCharArray());
    }
    return file;
  }

  private static KeyStore open(Path file) throws Exception {
    return KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
  }

  private void keytool(String alias, String name, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", alias, "-dname", "CN=" + name));
    command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-storetype", "PKCS12"));
    command.addAll(List.of("-keystore", everything.toString(), "-storepass", PASSWORD));
    command.addAll(List.of(options));
    File said = directory.resolve("keytool.log").toFile();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said).start();
    if (!process.waitFor(60, SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(command + " failed: " + Files.readString(said.toPath()));
    }
  }
}
