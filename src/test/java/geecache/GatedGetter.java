package geecache;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A getter each call of which blocks until a test says what comes of it. */
public final class GatedGetter implements Getter {

  /** One call that blocks. */
  public record Call(String key, CompletableFuture<Object> outcome) {
    /** Lets the call return {@code value}. */
    public void answer(String value) {
      outcome.complete(value);
    }

    /** Lets the call throw {@code failure}. */
    public void fail(Throwable failure) {
      outcome.complete(failure);
    }
  }

  private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
  private final List<String> keys = new CopyOnWriteArrayList<>();

  @Override
  public byte[] get(String key) throws Exception {
    Call call = new Call(key, new CompletableFuture<>());
    keys.add(key);
    calls.add(call);
    Object outcome = wait(call);
    if (outcome instanceof Error error) {
      throw error;
    }
    if (outcome instanceof Exception exception) {
      throw exception;
    }
    return ((String) outcome).getBytes(UTF_8);
  }

  private static Object wait(Call call) throws InterruptedException {
    try {
      return call.outcome().get();
    } catch (ExecutionException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Waits until the getter is called, and returns that call. */
  public Call next() throws InterruptedException {
    Call call = calls.poll(60, TimeUnit.SECONDS);
    if (call == null) {
      throw new AssertionError("the getter was not called");
    }
    return call;
  }

  /** Returns the keys of all calls so far. */
  public List<String> keys() {
    return keys;
  }
}
