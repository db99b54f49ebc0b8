package geecache.faults;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Has mishaps happen at random, in two sequences at the same time: what ends a node, and what makes
 * it deaf for a while. Of each kind so many happen, in an order that the seed decides, and then
 * more until it is enough.
 */
final class Mishaps {
  private static final int MOST_QUIET_MILLIS = 2_500;

  /** In the second part of each period nothing begins: nodes that lost touch find each other. */
  private static final long PERIOD_MILLIS = 30_000;

  private static final long CALM_MILLIS = 10_000;

  private final Cluster cluster;
  private final List<ReentrantLock> nodes = new ArrayList<>();
  private final long began = System.nanoTime();
  private final Map<Mishap, Integer> happened = new EnumMap<>(Mishap.class);

  Mishaps(Cluster cluster) {
    this.cluster = cluster;
    for (int i = 0; i < Cluster.NODES; i++) {
      nodes.add(new ReentrantLock());
    }
  }

  /**
   * Returns when all is over and undone.
   *
   * @param each how many of each kind at least
   * @param enough whether no more are wanted beyond that
   */
  void happen(long seed, int each, BooleanSupplier enough) {
    CompletableFuture<Void> endings = sequence(new Random(seed), true, each, enough);
    CompletableFuture<Void> others = sequence(new Random(seed + 1), false, each, enough);
    CompletableFuture.allOf(endings, others).join();
  }

  private CompletableFuture<Void> sequence(
      Random random, boolean ending, int each, BooleanSupplier enough) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                run(random, ending, each, enough);
                over.complete(null);
              } catch (Throwable failure) {
                over.completeExceptionally(failure);
              }
            },
            ending ? "endings" : "others");
    thread.setDaemon(true);
    thread.start();
    return over;
  }

  private void run(Random random, boolean ending, int each, BooleanSupplier enough)
      throws Exception {
    List<Mishap> kinds =
        Arrays.stream(Mishap.values()).filter(mishap -> mishap.isEnding() == ending).toList();
    List<Mishap> planned = new ArrayList<>();
    for (int i = 0; i < each; i++) {
      planned.addAll(kinds);
    }
    Collections.shuffle(planned, random);
    for (Mishap mishap : planned) {
      happen(mishap, random);
    }
    while (!enough.getAsBoolean()) {
      happen(kinds.get(random.nextInt(kinds.size())), random);
    }
  }

  private void happen(Mishap mishap, Random random) throws Exception {
    if (!cluster.isAlive()) {
      throw new IllegalStateException("the source or the callers have ended: see their logs");
    }
    Mishap.pause(random, MOST_QUIET_MILLIS);
    awaitEndOfCalm();
    int node = random.nextInt(Cluster.NODES);
    nodes.get(node).lock();
    try {
      mishap.happen(cluster, node, new Random(random.nextLong()));
    } finally {
      nodes.get(node).unlock();
    }
    synchronized (happened) {
      happened.merge(mishap, 1, Integer::sum);
    }
  }

  private void awaitEndOfCalm() throws InterruptedException {
    long time = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) % PERIOD_MILLIS;
    if (time > PERIOD_MILLIS - CALM_MILLIS) {
      Thread.sleep(PERIOD_MILLIS - time);
    }
  }

  /** Returns how many of each kind are over. */
  @Override
  public String toString() {
    synchronized (happened) {
      return happened.toString().toLowerCase(Locale.ROOT);
    }
  }
}
