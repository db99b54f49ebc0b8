package geecache.membership;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.FreePorts;
import geecache.LiveThreads;
import geecache.LogCapture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.logging.Level;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real channels on the loopback interface. */
@Timeout(180)
class JGroupsMembershipTest {
  private static final String OLD = "the-secret-of-before";
  private static final String NEW = "the-secret-from-now";
  private static final String WRONG = "what-a-stranger-guesses";

  private final List<Channelled> members = new ArrayList<>();

  private List<Channelled> cluster(int count, String... secrets) throws IOException {
    List<Channelled> made = Channelled.cluster(count, secrets);
    members.addAll(made);
    return made;
  }

  private Channelled member(JGroupsOptions options, String url) {
    Channelled made = new Channelled(options, url).start();
    members.add(made);
    return made;
  }

  @AfterEach
  void close() {
    members.forEach(Channelled::close);
  }

  private static ConditionFactory await() {
    return Awaitility.await().atMost(Duration.ofMinutes(1));
  }

  private static void awaitView(Collection<Channelled> nodes) {
    List<String> urls = nodes.stream().map(Channelled::url).sorted().toList();
    await()
        .untilAsserted(
            () ->
                assertThat(nodes)
                    .allSatisfy(node -> assertThat(node.view()).containsExactlyElementsOf(urls)));
  }

  @Test
  void allAgreeOnTheView() throws Exception {
    List<Channelled> nodes = cluster(3, OLD);
    awaitView(nodes);
    assertThat(nodes)
        .allSatisfy(node -> assertThat(node.views()).allMatch(v -> v.contains(node.url())));
  }

  @Test
  void whoLeavesIsGoneAtOnceAndMayReturn() throws Exception {
    int[] ports = FreePorts.of(3);
    List<Channelled> nodes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      nodes.add(member(Channelled.tcp("c", ports, i, OLD), "http://n" + i));
    }
    awaitView(nodes);
    nodes.remove(1).close();
    awaitView(nodes);
    nodes.add(member(Channelled.tcp("c", ports, 1, OLD), "http://n1"));
    awaitView(nodes);
  }

  @Test
  void whoFallsSilentIsLeftOutAndReturns() throws Exception {
    List<Channelled> nodes = cluster(3, OLD);
    awaitView(nodes);
    nodes.get(0).fallSilent(); // The coordinator.
    awaitView(nodes.subList(1, 3));
    nodes.get(0).heal();
    awaitView(nodes);
  }

  @Test
  void twoHalvesMergeIntoOneView() throws Exception {
    List<Channelled> nodes = cluster(4, OLD);
    awaitView(nodes);
    List<Channelled> left = nodes.subList(0, 2);
    List<Channelled> right = nodes.subList(2, 4);
    left.forEach(node -> node.cutFrom(right));
    right.forEach(node -> node.cutFrom(left));
    awaitView(left);
    awaitView(right);
    nodes.forEach(Channelled::heal);
    awaitView(nodes);
    assertThat(nodes)
        .allSatisfy(node -> assertThat(node.views()).allMatch(v -> v.contains(node.url())));
  }

  /** A stranger who knows hosts and cluster, and has another secret, or none. */
  @Test
  void whoHasNotTheSecretIsKeptOut() throws Exception {
    for (String[] secrets : new String[][] {{WRONG}, {}}) {
      int[] ports = FreePorts.of(3);
      List<Channelled> inside =
          List.of(
              member(Channelled.tcp("c", ports, 0, OLD), "http://n0"),
              member(Channelled.tcp("c", ports, 1, OLD), "http://n1"));
      awaitView(inside);
      Channelled stranger = member(Channelled.tcp("c", ports, 2, secrets), "http://stranger");
      awaitView(List.of(stranger));
      await().until(() -> inside.get(0).strangers().dropped() > 0);
      for (Channelled member : inside) {
        assertThat(member.views()).noneMatch(view -> view.contains(stranger.url()));
      }
      assertThat(stranger.views()).allMatch(view -> view.size() == 1);
    }
  }

  @Test
  void secretsAreReplacedOneNodeAfterTheOther() throws Exception {
    int[] ports = FreePorts.of(4);
    Channelled before = member(Channelled.tcp("c", ports, 0, OLD, NEW), "http://n0");
    Channelled between = member(Channelled.tcp("c", ports, 1, NEW, OLD), "http://n1");
    awaitView(List.of(before, between));
    before.close();
    awaitView(List.of(between));
    Channelled after = member(Channelled.tcp("c", ports, 2, NEW), "http://n2");
    awaitView(List.of(between, after));
  }

  @Test
  void strangersOnTheWireHarmNothing() throws Exception {
    int[] ports = FreePorts.of(2);
    List<Channelled> nodes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      nodes.add(member(Channelled.tcp("c", ports, i, OLD), "http://n" + i));
    }
    awaitView(nodes);
    byte[] noise = new byte[10_000];
    new Random(1).nextBytes(noise);
    for (byte[] bytes :
        List.of("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8), new byte[10_000], noise)) {
      for (int port : ports) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
          socket.getOutputStream().write(bytes);
          socket.shutdownOutput();
          socket.getInputStream().readAllBytes();
        } catch (IOException ended) {
          // As well.
        }
      }
    }
    nodes.add(0, member(Channelled.tcp("c", ports, 0, OLD), "http://late"));
    nodes.remove(0);
    awaitView(nodes);
  }

  @Test
  void withoutASecretItIsToldOnce() throws Exception {
    try (LogCapture log = new LogCapture(JGroupsMembership.class, Level.WARNING)) {
      awaitView(cluster(1));
      assertThat(log.messages())
          .containsExactly(
              "WARNING JGroups runs without a secret: whoever reaches its ports can join the"
                  + " cluster, until geecache.secret is set on all nodes");
    }
  }

  @Test
  void clustersOfOtherNamesDoNotMeet() throws Exception {
    int[] ports = FreePorts.of(2);
    Channelled one = member(Channelled.tcp("one", ports, 0, OLD), "http://one");
    Channelled other = member(Channelled.tcp("other", ports, 1, OLD), "http://other");
    awaitView(List.of(one));
    awaitView(List.of(other));
    assertThat(one.views()).hasSize(1);
  }

  @Test
  void twoMembersAtOneUrlAreTold() throws Exception {
    try (LogCapture log = new LogCapture(JGroupsMembership.class, Level.WARNING)) {
      int[] ports = FreePorts.of(2);
      Channelled one = member(Channelled.tcp("c", ports, 0, OLD), "http://same");
      Channelled other = member(Channelled.tcp("c", ports, 1, OLD), "http://same");
      await().until(() -> one.channel().getView() != null && one.channel().getView().size() == 2);
      await()
          .until(() -> other.channel().getView() != null && other.channel().getView().size() == 2);
      assertThat(one.view()).containsExactly("http://same");
      await()
          .until(
              () ->
                  log.messages().stream()
                      .anyMatch(
                          m -> m.startsWith("WARNING two members are at http://same (ids [")));
    }
  }

  @Test
  void aPortThatIsTakenIsTriedAgain() throws Exception {
    int[] ports = FreePorts.of(1);
    try (LogCapture log = new LogCapture(JGroupsMembership.class, Level.INFO)) {
      Channelled node;
      try (ServerSocket taken = new ServerSocket(ports[0], 1, InetAddress.getLoopbackAddress())) {
        node = member(Channelled.tcp("c", ports, 0, OLD), "http://n0");
        await().until(() -> !log.messages().isEmpty());
        assertThat(log.messages().get(0)).startsWith("SEVERE cannot join c, and tries again: ");
        assertThat(taken.isBound()).isTrue();
      }
      awaitView(List.of(node));
    }
  }

  @Test
  void multicastFindsMembersWithoutAList() throws Exception {
    Optional<InetAddress> address = Channelled.multicasting();
    Assumptions.assumeTrue(address.isPresent(), "no interface with multicast");
    int[] ports = FreePorts.of(3);
    List<Channelled> nodes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      nodes.add(member(Channelled.udp("c", address.get(), ports, i, OLD), "http://n" + i));
    }
    awaitView(nodes);
  }

  /** Sealed with the secret as well. */
  @Test
  void aConfigurationOfTheOperatorsIsTaken(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("mine.xml");
    int[] ports = FreePorts.of(2);
    String hosts = "127.0.0.1[%d],127.0.0.1[%d]".formatted(ports[0], ports[1]);
    List<Channelled> nodes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      String ours;
      try (var in = Channels.class.getResourceAsStream("tcp.xml")) {
        ours = new String(in.readAllBytes(), UTF_8);
      }
      Files.writeString(
          file,
          ours.replace("<TCP ", "<TCP bind_addr=\"127.0.0.1\" bind_port=\"" + ports[i] + "\" ")
              .replace("<TCPPING ", "<TCPPING initial_hosts=\"" + hosts + "\" "));
      nodes.add(
          member(
              new JGroupsOptions(file.toString(), "c", "", List.of(), "", List.of(OLD)),
              "http://n" + i));
    }
    awaitView(nodes);
    assertThat(nodes.get(0).channel().getProtocolStack().getTransport())
        .isInstanceOf(SealedTransport.class);
  }

  @Test
  void aConfigurationThatIsGoneForAMomentIsTriedAgain(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("mine.xml");
    int[] ports = FreePorts.of(1);
    String ours;
    try (var in = Channels.class.getResourceAsStream("tcp.xml")) {
      ours = new String(in.readAllBytes(), UTF_8);
    }
    String mine =
        ours.replace("<TCP ", "<TCP bind_addr=\"127.0.0.1\" bind_port=\"" + ports[0] + "\" ")
            .replace("<TCPPING ", "<TCPPING initial_hosts=\"127.0.0.1[%d]\" ".formatted(ports[0]));
    Files.writeString(file, mine);
    try (LogCapture log = new LogCapture(JGroupsMembership.class, Level.SEVERE)) {
      Channelled node;
      try (ServerSocket taken = new ServerSocket(ports[0], 1, InetAddress.getLoopbackAddress())) {
        node =
            member(
                new JGroupsOptions(file.toString(), "c", "", List.of(), "", List.of(OLD)),
                "http://n0");
        Files.delete(file);
        await()
            .until(
                () ->
                    log.messages().stream()
                        .anyMatch(m -> m.contains("JGroups refuses its configuration")));
        assertThat(taken.isBound()).isTrue();
      }
      Files.writeString(file, mine);
      awaitView(List.of(node));
    }
  }

  @Test
  void aConfigurationThatIsNotThereIsRefused() {
    JGroupsOptions options =
        new JGroupsOptions("/no/such/file.xml", "c", "", List.of(), "", List.of(OLD));
    assertThatThrownBy(() -> new JGroupsMembership(options, "http://n0", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("JGroups refuses its configuration (/no/such/file.xml): ");
  }

  @Test
  void aUrlThatNoAddressCarriesIsRefused() {
    JGroupsOptions options = Channelled.tcp("c", new int[] {7800}, 0, OLD);
    assertThatThrownBy(() -> new JGroupsMembership(options, "http://" + "n".repeat(249), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("with JGroups a node's URL may have at most 255 bytes, and this has 256");
  }

  @Test
  void nothingIsLeftBehind() throws Exception {
    List<String> before = threads();
    List<Channelled> nodes = cluster(2, OLD);
    awaitView(nodes);
    nodes.forEach(Channelled::close);
    // Those of other tests may still be ending.
    await().untilAsserted(() -> assertThat(threads()).as("threads").isSubsetOf(before));
    for (Channelled node : nodes) {
      assertThat(node.channel().isClosed()).isTrue();
    }
  }

  private static List<String> threads() {
    return LiveThreads.named("").stream()
        .filter(
            name -> !name.matches("(surefire|awaitility|junit|Common-Cleaner|process|ForkJoin).*"))
        .collect(Collectors.toList());
  }
}
