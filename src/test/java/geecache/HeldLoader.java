package geecache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A loader whose calls wait until they are let go, and the answer to the caller who has it. */
public final class HeldLoader implements Loader<Exception> {
  private final AtomicInteger calls;
  private final String text;
  private final @Nullable Throwable failure;
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);

  /** What the caller is given. */
  public final CompletableFuture<String> answer;

  /** Written before {@code begun} is counted down. */
  private volatile @Nullable Thread thread;

  /**
   * Has a caller get {@code key}, and returns once this loads it.
   *
   * @param calls counts the calls of loaders
   * @param failure what is thrown in place of a value; null for none
   */
  public HeldLoader(
      Callers callers,
      Group group,
      String key,
      AtomicInteger calls,
      String text,
      @Nullable Throwable failure)
      throws InterruptedException {
    this.calls = calls;
    this.text = text;
    this.failure = failure;
    this.answer = callers.call(() -> group.get(key, this).toString());
    begun.await();
  }

  @Override
  public Value load(String key) throws Exception {
    thread = Thread.currentThread();
    calls.incrementAndGet();
    begun.countDown();
    go.await();
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (Exception) failure;
    }
    return Value.of(ByteView.of(text));
  }

  /** Lets the call go, now and later. */
  public void letGo() {
    go.countDown();
  }

  /** Interrupts the call. */
  public void interrupt() {
    thread.interrupt();
  }
}
