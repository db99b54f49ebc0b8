package geecache.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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
      int other = (node + 1 + random.nextInt(Cluster.NODES - 1)) % Cluster.NODES;
      return List.of(Times.link(node, other));
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
    List<String> links =
        IntStream.range(0, Cluster.NODES)
            .filter(other -> other != node)
            .mapToObj(other -> Times.link(node, other))
            .toList();
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
