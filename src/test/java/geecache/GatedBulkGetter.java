package geecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A getter of many keys each call of which blocks until a test says what comes of it. */
final class GatedBulkGetter implements BulkGetter {
  /** One call that blocks. */
  record Call(Set<String> keys, CompletableFuture<Map<String, Answer>> outcome) {
    /** Answers each key with {@code value}. */
    void answerAll(String value) {
      Map<String, Answer> answers = new HashMap<>();
      keys.forEach(key -> answers.put(key, valued(value)));
      answer(answers);
    }

    void answer(Map<String, Answer> answers) {
      outcome.complete(answers);
    }

    void fail(Exception failure) {
      outcome.completeExceptionally(failure);
    }
  }

  private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();

  static Answer valued(String value) {
    return Answer.of(Value.of(ByteView.of(value.getBytes(UTF_8))));
  }

  @Override
  public Map<String, byte[]> getAll(Set<String> keys) {
    throw new AssertionError("groups call loadAll");
  }

  @Override
  public Map<String, Answer> loadAll(Set<String> keys) throws Exception {
    Call call = new Call(Set.copyOf(keys), new CompletableFuture<>());
    calls.add(call);
    try {
      return call.outcome().get();
    } catch (ExecutionException failure) {
      throw (Exception) failure.getCause();
    }
  }

  /** Waits until the getter is called, and returns that call. */
  Call next() throws InterruptedException {
    Call call = calls.poll(60, TimeUnit.SECONDS);
    assertThat(call).as("a call of the getter").isNotNull();
    return call;
  }

  boolean hasMore() {
    return !calls.isEmpty();
  }
}
