package geecache.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** What happens to a cluster. */
enum Mishap {
  KILL(true) {
    @Override
    void happen(Cluster cluster, int node, Random random) throws Exception {
      cluster.kill(node);
      pause(random, 2_000);
      cluster.restart(node);
    }
  },
  RESTART(true) {
    @Override
    void happen(Cluster cluster, int node, Random random) throws Exception {
      cluster.stop(node);
      pause(random, 1_000);
      cluster.restart(node);
    }
  },
  REDEPLOY(true) {
    @Override
    void happen(Cluster cluster, int node, Random random) throws Exception {
      slowOrNot(cluster, node, random, () -> cluster.undeploy(node));
      pause(random, 1_000);
      cluster.deploy(node);
    }
  },
  /** A redeploy by a script that has the node leave first. */
  LEAVE(true) {
    @Override
    void happen(Cluster cluster, int node, Random random) throws Exception {
      slowOrNot(cluster, node, random, () -> cluster.leave(node));
      pause(random, 500);
      cluster.undeploy(node);
      pause(random, 1_000);
      cluster.deploy(node);
    }
  },
  /**
   * More keys are removed at once than nodes remember, while this node hands its values over. The
   * values come late, or this node cannot be told.
   */
  BULK(true) {
    @Override
    void happen(Cluster cluster, int node, Random random) throws Exception {
      boolean deaf = random.nextBoolean();
      List<String> links = deaf ? to(node) : from(node);
      cluster.cut(links, deaf ? Link.State.CUT : Link.State.SLOW);
      CompletableFuture<Void> over = cluster.removeInBulk(other(node, random));
      try {
        if (random.nextBoolean()) {
          cluster.leave(node);
        }
        cluster.undeploy(node);
      } finally {
        cluster.join(links);
      }
      over.join();
      cluster.deploy(node);
    }
  },
  PAUSE(false) {
    @Override
    void happen(Cluster cluster, int node, Random random) throws Exception {
      cluster.pause(node);
      try {
        pause(random, 4_000);
      } finally {
        cluster.resume(node);
      }
    }
  },
  /** Of some nodes from all others, or of what one node asks another. */
  PARTITION(false) {
    @Override
    void happen(Cluster cluster, int node, Random random) throws Exception {
      List<String> links = random.nextBoolean() ? oneWay(node, random) : between(node, random);
      cluster.cut(links, random.nextBoolean() ? Link.State.SILENT : Link.State.CUT);
      pause(random, 6_000);
      cluster.join(links);
    }

    private List<String> oneWay(int node, Random random) {
      return List.of(Times.link(node, other(node, random)));
    }

    private List<String> between(int node, Random random) {
      boolean withNext = random.nextBoolean();
      List<String> links = new ArrayList<>();
      for (int i = 0; i < Cluster.NODES; i++) {
        for (int j = 0; j < Cluster.NODES; j++) {
          if (isHere(i, node, withNext) != isHere(j, node, withNext)) {
            links.add(Times.link(i, j));
          }
        }
      }
      return links;
    }

    private static boolean isHere(int i, int node, boolean withNext) {
      return i == node || withNext && i == (node + 1) % Cluster.NODES;
    }
  },
  /** The lists of some nodes lack some others, again and again. */
  FLICKER(false) {
    @Override
    void happen(Cluster cluster, int node, Random random) throws Exception {
      for (int i = 3 + random.nextInt(4); i > 0; i--) {
        List<String> unseen = unseen(node, random);
        cluster.hide(unseen);
        pause(random, 800);
        cluster.show(unseen);
        Thread.sleep(random.nextInt(300));
      }
    }

    private static List<String> unseen(int node, Random random) {
      Set<Integer> hidden = new TreeSet<>(List.of(other(node, random), other(node, random)));
      boolean everywhere = random.nextBoolean(); // No other node tells of it then.
      List<String> links = new ArrayList<>();
      for (int viewer = 0; viewer < Cluster.NODES; viewer++) {
        if (everywhere || viewer == node || random.nextInt(3) == 0) {
          for (int each : hidden) {
            if (each != viewer) {
              links.add(Times.link(viewer, each));
            }
          }
        }
      }
      return links;
    }
  },
  /**
   * The owner of a key does not get what one node sets, or gets nothing at all, until later changes
   * have been acknowledged. Then it gets everything.
   */
  LATE_SET(false) {
    @Override
    void happen(Cluster cluster, int node, Random random) throws Exception {
      String key = cluster.owned(node, Callers.keys()).orElseThrow();
      int setter = other(node, random);
      List<String> link = List.of(Times.link(setter, node));
      boolean paused = random.nextBoolean();
      cluster.changeMuch(key, setter, node);
      try {
        pause(random, 300);
        if (paused) {
          cluster.pause(node);
        } else {
          cluster.cut(link, Link.State.SILENT);
        }
        Thread.sleep(1_200 + random.nextInt(2_000)); // A node waits a second for an answer.
      } finally {
        cluster.endChanges();
        if (paused) {
          cluster.resume(node);
        } else {
          cluster.join(link);
        }
      }
    }
  };

  /** Whether it ends a node; one such at a time. */
  private final boolean ending;

  Mishap(boolean ending) {
    this.ending = ending;
  }

  boolean isEnding() {
    return ending;
  }

  /** Does it, and undoes it. Nothing else happens to {@code node} meanwhile but to its links. */
  abstract void happen(Cluster cluster, int node, Random random) throws Exception;

  private static int other(int node, Random random) {
    return (node + 1 + random.nextInt(Cluster.NODES - 1)) % Cluster.NODES;
  }

  private static List<String> from(int node) {
    return others(node).mapToObj(other -> Times.link(node, other)).toList();
  }

  private static List<String> to(int node) {
    return others(node).mapToObj(other -> Times.link(other, node)).toList();
  }

  private static IntStream others(int node) {
    return IntStream.range(0, Cluster.NODES).filter(other -> other != node);
  }

  private interface Step {
    void take() throws Exception;
  }

  /** Every other time what {@code node} hands over is so slow that removals overtake it. */
  private static void slowOrNot(Cluster cluster, int node, Random random, Step step)
      throws Exception {
    if (random.nextBoolean()) {
      step.take();
      return;
    }
    List<String> links = from(node);
    cluster.cut(links, Link.State.SLOW);
    try {
      step.take();
    } finally {
      cluster.join(links);
    }
  }

  static void pause(Random random, int mostMillis) throws InterruptedException {
    Thread.sleep(200 + random.nextInt(mostMillis));
  }
}
