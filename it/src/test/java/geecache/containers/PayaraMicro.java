package geecache.containers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * Payara Micro. Its command line can deploy at the start only, so it is started through {@link
 * PayaraConsole}, which takes further commands by its standard input.
 */
final class PayaraMicro extends Container {
  private static final String LOOPBACK_ONLY =
      "set configs.config.server-config.network-config.network-listeners"
          + ".network-listener.http-listener.address=127.0.0.1\n";

  private final StringBuilder early = new StringBuilder();
  private boolean configured;

  PayaraMicro() throws IOException {
    super("payara", "payara-micro-");
  }

  @Override
  int portCount() {
    return 1;
  }

  @Override
  List<String> configure(int[] ports) throws IOException {
    Path jar = home();
    Path console = instance().resolve("console.jar");
    writeConsole(jar, console);
    Path commands = Files.writeString(instance().resolve("early.txt"), early);
    configured = true;
    return List.of(
        java(),
        "-Xmx768m",
        ServerProcess.BRIEF,
        "-Djava.io.tmpdir=" + instance().resolve("tmp"),
        "-D" + PayaraConsole.EARLY_COMMANDS + "=" + commands,
        "-jar",
        console.toString(),
        "--nohazelcast",
        "--prebootcommandfile",
        Files.writeString(instance().resolve("preboot.txt"), LOOPBACK_ONLY).toString(),
        "--port",
        String.valueOf(ports[0]),
        "--rootDir",
        Files.createDirectories(instance().resolve("root")).toString());
  }

  @Override
  void deploy(Path war, String contextPath) throws IOException {
    command("deploy " + name(contextPath) + " " + contextPath + " " + war);
  }

  @Override
  void undeploy(String contextPath) throws IOException {
    command("undeploy " + name(contextPath));
  }

  private void command(String line) throws IOException {
    if (configured) {
      tell(line);
    } else {
      early.append(line).append('\n');
    }
  }

  private static String name(String contextPath) {
    return contextPath.equals("/") ? "ROOT" : contextPath.substring(1);
  }

  /** Makes a jar that opens the same of the JDK as Payara's, and starts the console instead. */
  private static void writeConsole(Path payara, Path console) throws IOException {
    String file = PayaraConsole.class.getName().replace('.', '/') + ".class";
    Manifest manifest = manifestOf(payara);
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, PayaraConsole.class.getName());
    manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, payara.toUri().toString());
    try (InputStream in = PayaraMicro.class.getClassLoader().getResourceAsStream(file);
        OutputStream out = Files.newOutputStream(console);
        JarOutputStream jar = new JarOutputStream(out, manifest)) {
      if (in == null) {
        throw new IOException("no such class file: " + file);
      }
      jar.putNextEntry(new JarEntry(file));
      in.transferTo(jar);
    }
  }

  private static Manifest manifestOf(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      return new Manifest(file.getManifest());
    }
  }
}
