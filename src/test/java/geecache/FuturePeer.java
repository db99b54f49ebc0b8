package geecache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A peer that answers each question by a future of its own. */
public interface FuturePeer extends Peer {
  /** Returns the answer; it may fail as a question may. */
  CompletableFuture<PeerValue> get(LocalGroup group, String key, Peer.Question asked);

  @Override
  default void ask(LocalGroup group, Peer.Question question) {
    get(group, question.key(), question)
        .whenComplete(
            (value, failure) -> {
              if (value != null) {
                question.answer(value);
              } else {
                question.fail(
                    failure instanceof CompletionException ? failure.getCause() : failure);
              }
            });
  }
}
