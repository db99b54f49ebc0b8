package geecache.cluster;

import geecache.SimulatedWorld;
import geecache.cluster.SimulatedNetwork.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** An answer whose parts come one after the other. After a lost part, none comes. */
final class SimulatedAnswer {
  /** A part of an answer. */
  interface Part {
    /** Gives the part to the asking node, and returns how many keys it answers. */
    int give(ReadLink.Answers answers) throws LinkFailure;
  }

  private final SimulatedWorld world;
  private final SimulatedNetwork network;
  private final Message request;
  private final Deque<Part> arrived = new ArrayDeque<>();
  private CompletableFuture<Void> signal = new CompletableFuture<>();
  private @Nullable SimulatedNode answering;
  private @Nullable IOException failure;
  private boolean broken;
  private long last;

  SimulatedAnswer(SimulatedWorld world, SimulatedNetwork network, Message request) {
    this.world = world;
    this.network = network;
    this.request = request;
  }

  /** Notes which node answers. */
  void begin(SimulatedNode by) {
    answering = by;
  }

  /** Sends the next part. */
  void send(Part part) {
    long way = broken ? -1 : network.wayBack(request);
    if (way < 0) {
      broken = true;
      return;
    }
    long now = world.now();
    last = Math.max(last, now + way);
    world.after(
        Duration.ofNanos(last - now),
        () -> {
          arrived.add(part);
          signal.complete(null);
        });
  }

  void fail(IOException why) {
    failure = why;
    signal.complete(null);
  }

  /** Returns a future that is done when something has come since. */
  CompletableFuture<Void> awaitNext() {
    signal = new CompletableFuture<>();
    return signal;
  }

  /** Whether a part has come, or a failure. */
  boolean hasNext() {
    return !arrived.isEmpty() || failure != null;
  }

  Part next() throws IOException {
    if (arrived.isEmpty() && failure != null) {
      throw failure;
    }
    return arrived.remove();
  }

  /** Whether the answering node still gives signs of life. */
  boolean isAlive(Message message) {
    SimulatedNode by = answering;
    return by != null && !broken && network.isAlive(message, by);
  }
}
