package geecache.containers;

import static java.util.stream.Collectors.toCollection;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * The JVM of a container, seen from outside by JMX: nothing of the tests runs in it, and so nothing
 * of theirs can hide or keep what is looked for.
 */
final class Jvm implements AutoCloseable {
  /** Soft references go with each collection, and not when memory is short. */
  static final String OPTIONS = "-XX:SoftRefLRUPolicyMSPerMB=0 -Xmx256m";

  /** What JMX itself comes with. */
  private static final Pattern OF_JMX =
      Pattern.compile("RMI .*|JMX server connection timeout.*|Attach Listener");

  /** Of Tomcat, and of Jetty. */
  private static final Pattern OF_POOL = Pattern.compile("http-nio-.*-exec-\\d+|qtp.*");

  private static final Pattern COUNT = Pattern.compile("\\s*\\d+:\\s+(\\d+)\\s+\\d+\\s+(\\S+).*");

  private final JMXConnector connector;
  private final MBeanServerConnection server;

  private Jvm(JMXConnector connector) throws IOException {
    this.connector = connector;
    this.server = connector.getMBeanServerConnection();
  }

  /** Connects to the JVM of a container that runs. */
  static Jvm of(Container container) throws IOException {
    ProcessHandle java =
        container.processes().stream()
            .filter(process -> process.info().command().orElse("").endsWith("java"))
            .findFirst()
            .orElseThrow();
    try {
      VirtualMachine machine = VirtualMachine.attach(String.valueOf(java.pid()));
      try {
        String address = machine.startLocalManagementAgent();
        return new Jvm(JMXConnectorFactory.connect(new JMXServiceURL(address)));
      } finally {
        machine.detach();
      }
    } catch (AttachNotSupportedException unknown) {
      throw new IOException(unknown);
    }
  }

  /** Collects all garbage, and returns how many instances of classes like this are left. */
  int live(Pattern className) throws IOException {
    return histogram()
        .lines()
        .map(COUNT::matcher)
        .filter(Matcher::matches)
        .filter(row -> className.matcher(row.group(2)).matches())
        .mapToInt(row -> Integer.parseInt(row.group(1)))
        .sum();
  }

  private String histogram() throws IOException {
    try {
      return (String)
          server.invoke(
              new ObjectName("com.sun.management:type=DiagnosticCommand"),
              "gcClassHistogram",
              new Object[] {new String[0]},
              new String[] {String[].class.getName()});
    } catch (JMException refused) {
      throw new IOException(refused);
    }
  }

  /** Collects all garbage, and returns the bytes that are left in the heap. */
  long heap() throws IOException {
    MemoryMXBean memory =
        ManagementFactory.newPlatformMXBeanProxy(
            server, ManagementFactory.MEMORY_MXBEAN_NAME, MemoryMXBean.class);
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
  }

  /** Returns how many threads live, apart from those of the container's pool for requests. */
  long threadCount() throws IOException {
    return threadNames().filter(name -> !OF_POOL.matcher(name).matches()).count();
  }

  /** Returns the names of the threads, with all numbers alike, since pools renew their threads. */
  Set<String> threads() throws IOException {
    return sorted(threadNames());
  }

  private Stream<String> threadNames() throws IOException {
    ThreadMXBean threads =
        ManagementFactory.newPlatformMXBeanProxy(
            server, ManagementFactory.THREAD_MXBEAN_NAME, ThreadMXBean.class);
    return Stream.of(threads.dumpAllThreads(false, false))
        .map(ThreadInfo::getThreadName)
        .filter(name -> !OF_JMX.matcher(name).matches());
  }

  /** Returns the names of the MBeans, with all numbers alike. */
  Set<String> mbeans() throws IOException {
    return sorted(server.queryNames(null, null).stream().map(ObjectName::getCanonicalName));
  }

  private static Set<String> sorted(Stream<String> names) {
    return names.map(name -> name.replaceAll("\\d+", "#")).collect(toCollection(TreeSet::new));
  }

  /** Writes what is reachable to a new file, for a heap analyser. */
  void dump(Path file) throws IOException {
    Files.deleteIfExists(file);
    ManagementFactory.newPlatformMXBeanProxy(
            server, "com.sun.management:type=HotSpotDiagnostic", HotSpotDiagnosticMXBean.class)
        .dumpHeap(file.toString(), true);
  }

  @Override
  public void close() throws IOException {
    connector.close();
  }
}
