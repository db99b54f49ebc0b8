package geecache;

import java.util.concurrent.CompletableFuture;

/**
 * One attempt to get the value of a key. It is under way, and any number of gets wait for it. A
 * {@link Flight} loads the key, a {@link Fetch} asks a peer for it.
 */
abstract sealed class Attempt permits Flight, Fetch {
  private final String group;
  final String key;

  /** {@link Fences#current} when this was made: a removal with a later fence voids it. */
  final long fence;

  /**
   * Completed once, never exceptionally, after the attempt left the {@link JoinTable}. A caller
   * that sees it done, and gets again, does not join it again. Dependent actions must be short:
   * they run on the thread that completes it.
   */
  final CompletableFuture<LoadOutcome> outcome = new CompletableFuture<>();

  Attempt(String group, String key, long fence) {
    this.group = group;
    this.key = key;
    this.fence = fence;
  }

  /** Returns the name of this in messages. */
  @Override
  public final String toString() {
    return group + "/" + key;
  }
}
