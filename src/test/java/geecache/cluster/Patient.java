package geecache.cluster;

import geecache.Peer;
import geecache.PeerValue;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A question of callers who wait for long. */
record Patient(String key, CompletableFuture<PeerValue> answer) implements Peer.Question {
  Patient(String key) {
    this(key, new CompletableFuture<>());
  }

  @Override
  public Duration left() {
    return Duration.ofMinutes(1);
  }

  @Override
  public void noteQueued(boolean waits) {}

  @Override
  public void answer(PeerValue value) {
    answer.complete(value);
  }

  @Override
  public void fail(Throwable failure) {
    answer.completeExceptionally(failure);
  }
}
