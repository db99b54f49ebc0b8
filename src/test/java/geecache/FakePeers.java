package geecache;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of this node, which owns the keys that begin with {@code own} unless it is told
 * otherwise, and of a peer that owns all others. Changes reach this node alone.
 */
class FakePeers implements Cluster {
  private final NoPeers here = new NoPeers();
  private final Peer owner;
  private volatile @Nullable Peer instead;
  private final AtomicLong view = new AtomicLong(1);
  private final AtomicInteger closed = new AtomicInteger();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicReference<@Nullable Runnable> betweenQuestionAndAnswer =
      new AtomicReference<>();
  private volatile Predicate<String> own = key -> key.startsWith("own");

  /** Makes a cluster in which no peer stands in for {@code owner}. */
  FakePeers(Peer owner) {
    this(owner, null);
  }

  /** Makes a cluster in which {@code instead} stands in for {@code owner}. */
  FakePeers(Peer owner, @Nullable Peer instead) {
    this.owner = owner;
    this.instead = instead;
  }

  /** Has another peer stand in for the owner from now on. */
  void standIn(Peer other) {
    instead = other;
  }

  /** Has this node own the keys that {@code other} accepts. Demotes nothing. */
  void show(Predicate<String> other) {
    own = other;
    view.incrementAndGet();
  }

  /** Runs {@code change} once, between the next question who owns a key and its answer. */
  void afterNextOwns(Runnable change) {
    betweenQuestionAndAnswer.set(change);
  }

  /** Returns how often it was asked since then who owns a key. */
  int asked() {
    return asked.get();
  }

  void countFromNow() {
    asked.set(0);
  }

  /** Returns how often it was closed. */
  int closed() {
    return closed.get();
  }

  @Override
  public @Nullable Peer pick(String key) {
    return own.test(key) ? null : owner;
  }

  @Override
  public @Nullable Peer pickInstead(LocalGroup group, String key, Peer failed) {
    return failed == owner ? instead : null;
  }

  @Override
  public boolean owns(String key) {
    asked.incrementAndGet();
    boolean owns = own.test(key);
    Runnable change = betweenQuestionAndAnswer.getAndSet(null);
    if (change != null) {
      change.run();
    }
    return owns;
  }

  @Override
  public long view() {
    return view.get();
  }

  @Override
  public Stamp nextStamp() {
    return here.nextStamp();
  }

  @Override
  public CompletableFuture<Void> removeAll(LocalGroup group, Collection<String> keys) {
    return here.removeAll(group, keys);
  }

  @Override
  public CompletableFuture<Void> clear(LocalGroup group) {
    return here.clear(group);
  }

  @Override
  public CompletableFuture<Void> set(
      LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive) {
    return here.set(group, key, value, timeToLive);
  }

  @Override
  public CompletableFuture<Boolean> putIfAbsent(
      LocalGroup group, String key, ByteView value, @Nullable Duration timeToLive) {
    return here.putIfAbsent(group, key, value, timeToLive);
  }

  @Override
  public void close() {
    closed.incrementAndGet();
    if (owner instanceof GatedPeer gated) {
      gated.close();
    }
  }
}
