package geecache.testing;

import static geecache.JdkServer.VALUE;
import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Callers;
import geecache.RawClient;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Which requests a peer treats how, and until when. */
class FaultyPeerControlTest extends FrontedNodeTest {
  @Test
  void followsItsScriptThenDoesAsBefore() throws Exception {
    front.become(Fault.LOGIN_PAGE);
    front.script(Fault.NOT_FOUND_PAGE, Fault.PASS, Fault.BAD_GATEWAY_PAGE);

    List<Integer> answers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      answers.add(client.send(ask("/empty").build(), ofString()).statusCode());
    }

    assertThat(answers).containsExactly(404, 200, 502, 200, 200);
    assertThat(front.requests()).isEqualTo(5);
    assertThat(front.requests(Fault.LOGIN_PAGE)).isEqualTo(2);
    assertThat(front.requests(Fault.SILENT)).isZero();
  }

  @Test
  void theNextStepOfAScriptDoesNotLetASilentRequestGo() throws Exception {
    front.script(Fault.SILENT, Fault.PASS);

    try (RawClient held = connect()) {
      held.send(GET);
      awaiting().until(() -> front.requests(Fault.SILENT) == 1);
      assertThat(get()).isEqualTo(VALUE);

      assertThat(held.isSilent()).isTrue();
    }
  }

  @Test
  void aSeedStandsForASequenceOfAllFaults() throws Exception {
    List<Fault> sequence = faultsOf(17);

    assertThat(sequence).contains(Fault.values());
    assertThat(faultsOf(17)).isEqualTo(sequence);
    assertThat(faultsOf(18)).isNotEqualTo(sequence);
  }

  private static List<Fault> faultsOf(long seed) throws Exception {
    List<Fault> faults = new ArrayList<>();
    List<RawClient> clients = new ArrayList<>();
    try (FaultyPeer alone = FaultyPeer.alone(Fault.PASS)) {
      alone.changeAtRandom(seed);
      for (int i = 1; i <= 60; i++) {
        List<Integer> before = counts(alone);
        RawClient raw = connect(alone);
        clients.add(raw);
        raw.send(GET);
        awaiting().until(() -> !counts(alone).equals(before));
        List<Integer> after = counts(alone);
        Arrays.stream(Fault.values())
            .filter(fault -> !before.get(fault.ordinal()).equals(after.get(fault.ordinal())))
            .forEach(faults::add);
      }
    } finally {
      for (RawClient raw : clients) {
        raw.close();
      }
    }
    return faults;
  }

  private static List<Integer> counts(FaultyPeer peer) {
    return Arrays.stream(Fault.values()).map(peer::requests).toList();
  }

  @Test
  void becomingEndsScriptsAndChangesAtRandom() throws Exception {
    front.changeAtRandom(1);
    front.become(Fault.PASS);
    for (int i = 0; i < 5; i++) {
      assertThat(get()).isEqualTo(VALUE);
    }

    front.script(Fault.RESET, Fault.RESET);
    front.become(Fault.PASS);
    assertThat(get()).isEqualTo(VALUE);
  }

  @Test
  void misbehavesTowardsSomeOnly() throws Exception {
    front.onlyFor(request -> "1.7".equals(request.header("geecache-peer")));
    front.script(Fault.NOT_FOUND_PAGE);

    assertThat(get()).isEqualTo(VALUE);
    assertThat(send("/", "1.7").statusCode()).isEqualTo(404);
    front.become(Fault.REFUSE);
    assertThatThrownBy(() -> send("/", "1.7")).isInstanceOf(IOException.class);
    assertThat(get()).isEqualTo(VALUE);
  }

  @Test
  void showsPredicatesTheHeadAsItCame() throws Exception {
    List<String> seen = new ArrayList<>();
    front.onlyFor(
        request -> {
          seen.add(request.requestLine());
          seen.add(request.method());
          seen.add(request.target());
          seen.add(request.header("GEECACHE-PEER"));
          seen.add(request.header("Absent"));
          return false;
        });

    send("/a%20b?c", "2.1");

    assertThat(seen).containsExactly("GET /a%20b?c HTTP/1.1", "GET", "/a%20b?c", "2.1", null);
  }

  @Test
  void cutsSomeOffUntilItIsHealed() throws Exception {
    front.cutFor(request -> "1.7".equals(request.header("Geecache-Peer")));

    try (RawClient cut = connect()) {
      cut.send("GET / HTTP/1.1\r\nHost: x\r\nGeecache-Peer: 1.7\r\n\r\n");
      awaiting().until(() -> front.requests(Fault.SILENT) == 1);
      assertThat(get()).isEqualTo(VALUE);
      front.become(Fault.LOGIN_PAGE);
      assertThat(send("/", "1.8").body()).contains("<form");
      assertThat(cut.isSilent()).isTrue();

      front.heal();

      assertThat(cut.rest()).isEmpty();
      assertThat(send("/", "1.7").body()).contains("<form");
    }
  }

  @Test
  void isAsGoodAsNewAfterAnyChangesUnderLoad() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    try (Callers callers = new Callers()) {
      List<CompletableFuture<Void>> clients = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        clients.add(callers.call(() -> askUntil(over)));
      }
      Random random = new Random(3);
      for (int i = 0; i < 300; i++) {
        int seen = front.requests();
        Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
        front.become(fault);
        if (fault == Fault.PASS) {
          awaiting().until(() -> front.requests() > seen);
        }
      }
      front.become(Fault.PASS);
      over.set(true);
      for (CompletableFuture<Void> client : clients) {
        Callers.result(client);
      }
    }

    assertThat(get()).isEqualTo(VALUE);
    assertThat(front.requests(Fault.PASS)).isPositive();
  }

  private Void askUntil(AtomicBoolean over) throws IOException {
    while (!over.get()) {
      try (RawClient raw = connect()) {
        raw.send(GET);
        raw.head();
        raw.send(LAST);
        raw.rest();
      } catch (SocketTimeoutException stuck) {
        throw stuck;
      } catch (IOException failed) {
        // As it was told.
      }
    }
    return null;
  }

  private HttpResponse<String> send(String path, String sender) throws Exception {
    return client.send(ask(path).header("Geecache-Peer", sender).build(), ofString());
  }
}
