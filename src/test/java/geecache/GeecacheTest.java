package geecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.ServletContext;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GeecacheTest {
  private static final Getter EMPTY = key -> new byte[0];
  private final Geecache node = new Geecache();

  @Test
  void findsWhatIsRegistered() {
    Group group = node.newGroup("scores", 2048, EMPTY);
    assertThat(node.find("scores")).containsSame(group);
    assertThat(node.find("nope")).isEmpty();
    assertThat(group.name()).isEqualTo("scores");
  }

  @Test
  void nodesShareNothing() {
    node.newGroup("scores", 2048, EMPTY);
    assertThat(new Geecache().find("scores")).isEmpty();
  }

  @Test
  void missesTheRequiredGroupsUntilTheyAreRegistered() {
    assertThat(node.missingGroups()).isEmpty();
    node.newGroup("early", 2048, EMPTY);
    node.requireGroups(List.of("late", "early"));
    node.requireGroups(List.of("another"));
    assertThat(node.missingGroups()).containsExactly("another", "late");
    node.newGroup("late", 2048, EMPTY);
    node.newGroup("another", 2048, EMPTY);
    assertThat(node.missingGroups()).isEmpty();
  }

  @Test
  void refusesADuplicateName() {
    Group first = node.newGroup("scores", 2048, EMPTY);
    assertThatThrownBy(() -> node.newGroup("scores", 2048, EMPTY))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("group scores is registered already");
    assertThat(node.find("scores")).containsSame(first);
  }

  @Test
  void refusesANullGetter() {
    assertThatThrownBy(() -> node.newGroup("scores", 2048, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("group scores: a getter is required");
    assertThat(node.find("scores")).isEmpty();
  }

  @Test
  void refusesANegativeBudget() {
    assertThatThrownBy(() -> node.newGroup("scores", -1, EMPTY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("group scores: maxBytes must not be negative: -1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "a b", "a;b", "a%b", "日本", "a\nb"})
  void refusesNamesThatAPathMayNotCarry(String name) {
    assertThatThrownBy(() -> node.newGroup(name, 2048, EMPTY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(": name must be 1 to 128 of ")
        .message()
        .doesNotContain("\n");
  }

  @Test
  void forgetsItsGroupsWhenClosedAndRefusesNewOnes() {
    node.newGroup("scores", 2048, EMPTY);
    node.close();
    node.close();
    assertThat(node.find("scores")).isEmpty();
    assertThatThrownBy(() -> node.newGroup("late", 2048, EMPTY))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  /** Nobody tells it of changes any more. */
  @ParameterizedTest
  @EnumSource(GroupBuilder.Store.class)
  void aGroupOfAClosedNodeAnswersNothing(GroupBuilder.Store store) throws Exception {
    Group group = node.group("g").store(store).register(key -> new byte[1]);
    group.get("loaded");
    group.set("set", ByteView.of("v"), null);
    node.close();
    group.set("late", ByteView.of("v"), null);
    group.remove("loaded");
    group.clear();
    LocalNode.partOf(group)
        .accept("given", new PeerValue(ByteView.of("v"), null, null, false, null), () -> true);
    for (String key : List.of("loaded", "set", "late", "given")) {
      assertThatThrownBy(() -> group.get(key)).isInstanceOf(ClosedException.class);
      assertThat(group.answer(key)).isCompletedExceptionally();
    }
    assertThat(group.stats().entries()).isZero();
  }

  @Test
  void isOfOneClusterAtMost() {
    FakePeers first = new FakePeers(new GatedPeer("http://a"));
    FakePeers second = new FakePeers(new GatedPeer("http://b"));
    node.registerPeers(first);
    assertThatThrownBy(() -> node.registerPeers(second))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("peers are registered already");
    node.close();
    assertThat(first.closed()).isEqualTo(1);
    assertThat(second.closed()).isZero();
  }

  @Test
  void joinsNoClusterOnceItIsClosed() {
    FakePeers late = new FakePeers(new GatedPeer("http://a"));
    node.close();
    assertThatThrownBy(() -> node.registerPeers(late))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the node is closed; its peers came too late");
    assertThat(late.closed()).isZero();
  }

  @Test
  void closesTheGettersThatHaveAnEndWhenNoLoadRuns() throws Exception {
    ClosingGetter failing = new ClosingGetter();
    ClosingGetter other = new ClosingGetter();
    node.newGroup("a", 0, failing).getAsync("Tom");
    node.newGroup("b", 0, other).getAsync("Tom");
    failing.loading.await();
    other.loading.await();

    node.close();
    node.close();

    assertThat(failing.ends).containsExactly("load", "close");
    assertThat(other.ends).containsExactly("load", "close");
  }

  /** Loads until it is interrupted, and fails to close. */
  private static final class ClosingGetter implements Getter, AutoCloseable {
    private final CountDownLatch loading = new CountDownLatch(1);
    private final List<String> ends = new CopyOnWriteArrayList<>();

    @Override
    public byte[] get(String key) throws InterruptedException {
      try {
        loading.countDown();
        new CountDownLatch(1).await();
        return new byte[0];
      } finally {
        ends.add("load");
      }
    }

    @Override
    public void close() {
      ends.add("close");
      throw new IllegalStateException("as told");
    }
  }

  @Test
  void closesItsPeersOnce() {
    FakePeers peers = new FakePeers(new GatedPeer("http://a"));
    node.registerPeers(peers);
    node.close();
    node.close();
    assertThat(peers.closed()).isEqualTo(1);
  }

  /** Groups and peers may come in any order. */
  @Test
  void aGroupOfBeforeThePeersAsksThem() throws Exception {
    GatedPeer owner = new GatedPeer("http://a");
    Group group = node.newGroup("scores", 2048, EMPTY);
    node.registerPeers(new FakePeers(owner));
    var get = group.getAsync("Tom");
    owner.next().answer("630");
    assertThat(get.join()).hasToString("630");
    node.close();
  }

  @Test
  void aServletContextHasOneNode() {
    ServletContext context = contextWith(new ConcurrentHashMap<>());
    Geecache first = Geecache.of(context);
    assertThat(Geecache.of(context)).isSameAs(first);
    assertThat(Geecache.of(contextWith(new ConcurrentHashMap<>()))).isNotSameAs(first);
    assertThat(context.getAttribute("geecache.Geecache")).isSameAs(first);
  }

  @Test
  void aForeignAttributeIsNotTakenForANode() {
    ServletContext context =
        contextWith(new ConcurrentHashMap<>(Map.of("geecache.Geecache", "someone else's")));
    assertThatThrownBy(() -> Geecache.of(context))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("java.lang.String");
  }

  private static ServletContext contextWith(Map<String, Object> attributes) {
    return (ServletContext)
        Proxy.newProxyInstance(
            GeecacheTest.class.getClassLoader(),
            new Class<?>[] {ServletContext.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getAttribute" -> attributes.get((String) arguments[0]);
                  case "setAttribute" -> attributes.put((String) arguments[0], arguments[1]);
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }
}
