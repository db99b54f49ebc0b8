package geecache.containers;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** Tomcat, by its own start script, with a CATALINA_BASE of its own. */
final class Tomcat extends Container {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final WebappsDirectory webapps = new WebappsDirectory(instance().resolve("webapps"));

  private final String jvmOptions;

  private final Map<String, String> additions = new LinkedHashMap<>();

  /** What follows the port of a connector for TLS; empty for none. */
  private String overTls = "";

  private int tlsPort;

  /** The attributes of further connectors. */
  private final List<String> connectors = new ArrayList<>();

  private int[] morePorts = {};

  Tomcat(String name, String distribution) throws IOException {
    this(name, distribution, "");
  }

  /**
   * As the other.
   *
   * @param jvmOptions separated by spaces
   */
  Tomcat(String name, String distribution, String jvmOptions) throws IOException {
    super(name, distribution);
    this.jvmOptions = jvmOptions;
  }

  /** Adds to a file of its configuration, or makes it. For use before the start. */
  void append(String file, String text) {
    additions.merge(file, text, String::concat);
  }

  /** Puts the jar of {@code type} where all applications find it. For use before the start. */
  void addLibrary(Class<?> type) throws IOException {
    Path jar =
        Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString()));
    Path libraries = Files.createDirectories(instance().resolve("lib"));
    Files.copy(jar, libraries.resolve(jar.getFileName()));
  }

  /**
   * Has it speak TLS at one more port, where it demands a certificate. For use before the start.
   *
   * @param keys a key store in PKCS12
   * @param trusted a trust store in PKCS12, of the same password
   */
  void demandCertificates(Path keys, Path trusted, String password) {
    overTls =
        """
         address="127.0.0.1" SSLEnabled="true" scheme="https" secure="true">
           <SSLHostConfig certificateVerification="required" truststoreFile="%2$s"
               truststorePassword="%3$s" truststoreType="PKCS12">
             <Certificate certificateKeystoreFile="%1$s" certificateKeystorePassword="%3$s"/>
           </SSLHostConfig>
         </Connector>
        """
            .formatted(keys, trusted, password);
  }

  /**
   * Has it speak TLS at one more port, where it asks for no certificate. For use before the start.
   *
   * @param keys a key store in PKCS12
   */
  void offerTls(Path keys, String password) {
    overTls =
        """
         address="127.0.0.1" SSLEnabled="true" scheme="https" secure="true">
           <SSLHostConfig>
             <Certificate certificateKeystoreFile="%s" certificateKeystorePassword="%s"/>
           </SSLHostConfig>
         </Connector>
        """
            .formatted(keys, password);
  }

  /** Has it answer at one more port, in its own way. For use before the start. */
  void addConnector(String attributes) {
    connectors.add(attributes);
  }

  /** Returns the port of a further connector, in the order of {@link #addConnector} from 0. */
  int portOf(int connector) {
    return morePorts[connector];
  }

  /** Returns the port at which it speaks TLS. */
  int tlsPort() {
    return tlsPort;
  }

  @Override
  int portCount() {
    return (overTls.isEmpty() ? 1 : 2) + connectors.size();
  }

  @Override
  List<String> configure(int[] ports) throws IOException {
    Path conf = instance().resolve("conf");
    Trees.delete(conf);
    Trees.copy(home().resolve("conf"), conf);
    Path server = conf.resolve("server.xml");
    Trees.edit(server, "<Server port=\"8005\"", "<Server port=\"-1\"");
    Trees.edit(server, "port=\"8080\"", "port=\"" + ports[0] + "\" address=\"127.0.0.1\"");
    // The interval in seconds at which it looks for new and for removed WARs.
    Trees.edit(
        server,
        "<Engine name=\"Catalina\"",
        "<Engine backgroundProcessorDelay=\"1\" name=\"Catalina\"");
    String service = "<Service name=\"Catalina\">";
    morePorts = Arrays.copyOfRange(ports, ports.length - connectors.size(), ports.length);
    for (int i = 0; i < connectors.size(); i++) {
      String connector =
          "<Connector address=\"127.0.0.1\" port=\"%d\" %s/>"
              .formatted(morePorts[i], connectors.get(i));
      Trees.edit(server, service, service + connector);
    }
    if (!overTls.isEmpty()) {
      tlsPort = ports[1];
      Trees.edit(server, service, service + "<Connector port=\"" + tlsPort + "\"" + overTls);
    }
    for (Map.Entry<String, String> addition : additions.entrySet()) {
      Path file = conf.resolve(addition.getKey());
      Files.createDirectories(file.getParent());
      Files.writeString(file, addition.getValue(), CREATE, APPEND);
    }
    Files.createDirectories(instance().resolve("logs"));
    return List.of(
        "env",
        "CATALINA_BASE=" + instance(),
        "CATALINA_TMPDIR=" + instance().resolve("tmp"),
        "CATALINA_OPTS=" + ServerProcess.BRIEF + " " + jvmOptions,
        "sh",
        home().resolve("bin/catalina.sh").toString(),
        "run");
  }

  @Override
  void deploy(Path war, String contextPath) throws IOException {
    webapps.add(war, contextPath);
  }

  /** Waits until what was undeployed has ended, and Tomcat has looked for what it left behind. */
  void awaitUndeployed(String contextPath) throws IOException {
    String said = "Undeploying context [" + contextPath + "]";
    String later = contextPath + "-after";
    Awaitility.await(said).atMost(LIMIT).until(() -> output().contains(said));
    deploy(new Wars(instance().resolve("wars")).page(), later); // By the same thread, after that.
    Wire wire = new Wire(port());
    Awaitility.await("200 from " + later).atMost(LIMIT).until(() -> wire.answers(later + "/"));
  }

  @Override
  void undeploy(String contextPath) throws IOException {
    webapps.remove(contextPath);
  }
}
