package geecache.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import geecache.LiveThreads;
import geecache.LogCapture;
import geecache.membership.DnsServer.Answer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Rcode;

/** Views by a real name server that answers as told. Each look is made by the test. */
@Timeout(60)
class DnsMembershipTest {
  private static final String NAME = "nodes.test";
  private static final Duration IMPATIENT = Duration.ofSeconds(1);
  private static final Duration PATIENT = Duration.ofSeconds(20);

  private final DnsServer server;
  private final AtomicReference<@Nullable String> self = new AtomicReference<>();
  private final List<Collection<String>> views = new ArrayList<>();
  private final List<DnsMembership> opened = new ArrayList<>();
  private DnsMembership membership;

  DnsMembershipTest() throws IOException {
    server = new DnsServer(NAME);
    membership = membership("http://nodes.test.:8080/shop/", PATIENT);
  }

  private DnsMembership membership(String nodes, Duration timeout) {
    DnsOptions options =
        new DnsOptions(URI.create(nodes), Duration.ofMillis(100), List.of(server.address()));
    DnsMembership made = new DnsMembership(options, self::get, timeout);
    opened.add(made);
    return made;
  }

  @BeforeEach
  void noV6() {
    server.v6(Answer.of());
  }

  @AfterEach
  void close() throws IOException {
    opened.forEach(DnsMembership::close);
    server.close();
  }

  /** Looks so often, and returns the view that was told last. */
  private Collection<String> look(int times) {
    for (int i = 0; i < times; i++) {
      membership.lookUp(views::add);
    }
    return views.isEmpty() ? List.of("no view") : views.get(views.size() - 1);
  }

  private static String[] urls(int... last) {
    return IntStream.of(last)
        .mapToObj(i -> "http://10.0.0." + i + ":8080/shop")
        .toArray(String[]::new);
  }

  private static Answer nodes(int... last) {
    return Answer.of(IntStream.of(last).mapToObj(i -> "10.0.0." + i).toList());
  }

  @Test
  void aViewHasTheUrlOfEachAddress() {
    server.v4(nodes(2, 1));
    assertThat(look(1)).containsExactly(urls(1, 2));
  }

  @Test
  void addressesOfBothFamiliesAreNodes() {
    server.v4(nodes(1)).v6(Answer.of("fd00:0:0:1:0:0:0:1"));
    assertThat(look(1)).containsExactlyInAnyOrder(urls(1)[0], "http://[fd00:0:0:1::1]:8080/shop");
  }

  @Test
  void withoutAPortTheUrlHasNone() {
    membership = membership("https://nodes.test.", PATIENT);
    server.v4(nodes(1));
    assertThat(look(1)).containsExactly("https://10.0.0.1");
  }

  @Test
  void aViewThatDoesNotChangeIsToldOnce() {
    server.v4(nodes(1, 2), nodes(2, 1), nodes(1, 2));
    look(5);
    assertThat(views).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {Rcode.NOERROR, Rcode.NXDOMAIN})
  void anEmptyFirstAnswerMeansThatTheNodeIsAlone(int rcode) {
    server.v4(Answer.failure(rcode)).v6(Answer.failure(rcode));
    assertThat(look(1)).isEmpty();
    self.set(urls(7)[0]);
    assertThat(look(1)).containsExactly(urls(7));
  }

  @ParameterizedTest
  @ValueSource(ints = {Rcode.SERVFAIL, Rcode.REFUSED})
  void aFirstAnswerThatFailsIsNoView(int rcode) {
    server.v4(Answer.failure(rcode)).v6(Answer.failure(rcode));
    look(2);
    assertThat(views).isEmpty();
  }

  @Test
  void anAnswerThatFailsKeepsTheView() {
    server.v4(nodes(1, 2), Answer.failure(Rcode.SERVFAIL));
    server.v6(Answer.of(), Answer.failure(Rcode.SERVFAIL));
    look(5);
    assertThat(views).hasSize(1);
  }

  @Test
  void aFailureIsToldOnceAndSoIsItsEnd() {
    try (LogCapture log = new LogCapture(DnsMembership.class, Level.INFO)) {
      server.v4(Answer.failure(Rcode.SERVFAIL)).v6(Answer.failure(Rcode.SERVFAIL));
      look(3);
      server.v4(nodes(1)).v6(Answer.of());
      look(3);
      assertThat(log.messages()).hasSize(3);
      assertThat(log.messages().get(0))
          .startsWith("WARNING nodes.test. cannot be resolved, and no node is known: ");
      assertThat(log.messages().get(1)).isEqualTo("INFO nodes.test. can be resolved again");
    }
  }

  @Test
  void aServerThatIsSlowFailsLikeAnother() {
    membership = membership("http://nodes.test.:8080/shop", IMPATIENT);
    server.v4(nodes(1)).v6(Answer.of());
    look(1);
    long asked = server.questions("udp A");
    server.v4(Answer.silence()).v6(Answer.silence());
    look(1);
    assertThat(views).hasSize(1);
    assertThat(server.questions("udp A")).isEqualTo(asked + 2);
  }

  @Test
  void oneFamilyThatFailsDoesNotHideTheOther() {
    server.v4(nodes(1), nodes(1, 2)).v6(Answer.failure(Rcode.SERVFAIL));
    assertThat(look(1)).containsExactly(urls(1));
    assertThat(look(1)).containsExactly(urls(1, 2));
  }

  @Test
  void theAddressesOfAFamilyStayWhileItFails() {
    server.v4(nodes(1)).v6(Answer.of("fd00::1"), Answer.failure(Rcode.SERVFAIL));
    look(5);
    assertThat(views).hasSize(1);
  }

  @Test
  void thatOneFamilyIsEmptySaysNothingWhileTheOtherFails() {
    server.v4(Answer.of()).v6(Answer.failure(Rcode.SERVFAIL));
    look(2);
    assertThat(views).isEmpty();
  }

  @Test
  void aNewAddressIsBelievedAtOnce() {
    server.v4(nodes(1), nodes(1, 2, 3));
    assertThat(look(2)).containsExactly(urls(1, 2, 3));
  }

  @Test
  void anAddressThatIsMissingOnceStays() {
    server.v4(nodes(1, 2, 3), nodes(1), nodes(1, 2, 3));
    look(6);
    assertThat(views).hasSize(1);
  }

  @Test
  void anAddressThatIsMissingTwiceIsGone() {
    server.v4(nodes(1, 2, 3), nodes(1), nodes(1));
    assertThat(look(2)).containsExactly(urls(1, 2, 3));
    assertThat(look(1)).containsExactly(urls(1));
  }

  /** As of a name server that answers with some of many, another part each time. */
  @Test
  void anAddressThatIsMissingByTurnsStays() {
    server.v4(nodes(1, 2, 3), nodes(1, 2), nodes(2, 3), nodes(1, 3), nodes(1, 2), nodes(2, 3));
    look(6);
    assertThat(views).hasSize(1);
  }

  @Test
  void aFailureBetweenDoesNotCountAsGone() {
    server.v4(nodes(1, 2), nodes(1), Answer.failure(Rcode.SERVFAIL), nodes(1, 2));
    server.v6(Answer.of(), Answer.of(), Answer.failure(Rcode.SERVFAIL), Answer.of());
    look(5);
    assertThat(views).hasSize(1);
  }

  @Test
  void oneThatIsReplacedIsKeptForOneAnswer() {
    server.v4(nodes(1, 2), nodes(1, 3));
    assertThat(look(2)).containsExactly(urls(1, 2, 3));
    assertThat(look(1)).containsExactly(urls(1, 3));
  }

  @Test
  void allThatAreGoneTwiceLeaveTheNodeAlone() {
    self.set(urls(1)[0]);
    server.v4(nodes(1, 2), Answer.of());
    assertThat(look(2)).containsExactly(urls(1, 2));
    assertThat(look(1)).containsExactly(urls(1));
  }

  @Test
  void aNodeThatKnowsItselfIsInItsViews() {
    self.set("http://10.0.0.9:8080/shop");
    server.v4(nodes(1, 2));
    assertThat(look(1)).containsExactly(urls(1, 2, 9));
  }

  @Test
  void moreThanUdpCarriesComesByTcp() {
    int[] many = IntStream.rangeClosed(1, 100).toArray();
    server.v4(nodes(many));
    assertThat(look(1)).containsExactlyInAnyOrder(urls(many));
    assertThat(server.questions("tcp A")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 3600})
  void nothingIsCachedWhateverItsTimeToLive(long ttl) {
    server.v4(nodes(1).withTtl(ttl), nodes(1, 2).withTtl(ttl));
    assertThat(look(2)).containsExactly(urls(1, 2));
  }

  @Test
  void theNameIsResolvedAgainAndAgainUntilItIsClosed() throws Exception {
    server.v4(nodes(1), nodes(1, 2), nodes(1, 2, 3));
    CountDownLatch three = new CountDownLatch(3);
    membership.start(view -> three.countDown());
    three.await();
    membership.close();
    await().until(() -> LiveThreads.named("geecache-membership").isEmpty());
  }

  @Test
  void closingEndsALookUpThatIsUnderWay() throws Exception {
    server.v4(Answer.silence());
    membership.start(views::add);
    await().until(() -> server.questions("udp A") > 0);
    membership.close();
    await().until(() -> LiveThreads.named("geecache-membership").isEmpty());
    assertThat(views).isEmpty();
  }

  @Test
  void aViewThatIsRefusedIsToldAgain() {
    server.v4(nodes(1));
    membership.lookUp(
        view -> {
          throw new IllegalArgumentException("not now");
        });
    assertThat(look(1)).containsExactly(urls(1));
  }
}
