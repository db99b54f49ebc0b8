package geecache;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which context loads have. */
@Timeout(60)
class LoadDecoratorTest {
  private final Geecache node = new Geecache();
  private final ThreadLocal<String> context = new ThreadLocal<>();

  private final UnaryOperator<Runnable> handOn =
      load -> {
        String captured = context.get();
        return () -> {
          context.set(captured);
          try {
            load.run();
          } finally {
            context.remove();
          }
        };
      };

  @AfterEach
  void close() {
    context.remove();
    node.close();
  }

  private byte[] context() {
    return String.valueOf(context.get()).getBytes(UTF_8);
  }

  @Test
  void aLoadHasTheContextOfTheGetThatBeganIt() throws Exception {
    node.loadDecorator(handOn);
    Group inner = node.newGroup("inner", 0, key -> context());
    Group group =
        node.newGroup("g", 0, key -> (inner.get(key) + " " + context.get()).getBytes(UTF_8));
    context.set("Tom");
    assertThat(group.get("a")).hasToString("Tom Tom");
    assertThat(result(group.getAsync("b"))).hasToString("Tom Tom");
    assertThat(group.getAll(List.of("c"))).hasToString("{c=Tom Tom}");
    context.set("Sam");
    assertThat(group.get("d")).hasToString("Sam Sam");
    assertThat(group.get("a")).hasToString("Tom Tom");
  }

  @Test
  void aLoadThatWaitedForAPlaceHasItsOwnContextAndACallThatOfItsFirstKey() throws Exception {
    node.loadDecorator(handOn);
    GatedBulkGetter source = new GatedBulkGetter();
    Group group =
        node.group("g")
            .maxLoads(1)
            .registerBulk(
                keys -> {
                  source.loadAll(keys);
                  Map<String, byte[]> all = new HashMap<>();
                  keys.forEach(key -> all.put(key, context()));
                  return all;
                });
    CompletableFuture<ByteView> held = group.getAsync("held");
    GatedBulkGetter.Call call = source.next();
    context.set("Tom");
    CompletableFuture<ByteView> first = group.getAsync("a");
    context.set("Sam");
    CompletableFuture<ByteView> second = group.getAsync("b");
    call.answerAll("");
    source.next().answerAll("");
    assertThat(result(held)).hasToString("null");
    assertThat(result(first)).hasToString("Tom");
    assertThat(result(second)).hasToString("Tom");
  }

  @Test
  void aDecoratorThatFailsFailsTheLoadAndTheNextIsTriedAgain() throws Exception {
    AtomicBoolean broken = new AtomicBoolean(true);
    node.loadDecorator(
        load ->
            () -> {
              if (broken.get()) {
                throw new IllegalStateException("no context");
              }
              load.run();
            });
    Group group = node.newGroup("g", 0, key -> context());
    assertThatThrownBy(() -> group.get("a"))
        .isInstanceOf(LoadException.class)
        .hasRootCauseMessage("no context");
    broken.set(false);
    assertThat(group.get("a")).hasToString("null");
  }

  @Test
  void aDecoratorThatDoesNotRunTheLoadFailsIt() {
    node.loadDecorator(load -> () -> {});
    Group group = node.newGroup("g", 0, key -> context());
    assertThatThrownBy(() -> group.get("a"))
        .isInstanceOf(LoadException.class)
        .hasRootCauseMessage("the decorator did not run the load");
  }

  @Test
  void aDecoratorThatThrowsOnTheCallersThreadFailsTheLoadToo() throws Exception {
    AtomicBoolean broken = new AtomicBoolean(true);
    node.loadDecorator(
        load -> {
          if (broken.get()) {
            throw new IllegalStateException("no context");
          }
          return load;
        });
    Group group = node.newGroup("g", 0, key -> context());
    assertThatThrownBy(() -> group.get("a"))
        .isInstanceOf(LoadException.class)
        .hasRootCauseMessage("no context");
    broken.set(false);
    assertThat(group.get("a")).hasToString("null");
  }
}
