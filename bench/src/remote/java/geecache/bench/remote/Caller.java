package geecache.bench.remote;

import geecache.bench.nodes.Ends;
import java.util.List;
import java.util.stream.IntStream;

/** The process that asks. */
final class Caller {
  static final int KEYS = 10_000;

  private Caller() {}

  /**
   * Takes a {@link RemoteSystem}, its {@link Ends}, the warm-up and the interval, in ms, and the
   * keys of a get.
   */
  public static void main(String[] arguments) {
    try {
      int[] numbers =
          IntStream.range(1, arguments.length).map(i -> Integer.parseInt(arguments[i])).toArray();
      Node node = RemoteSystem.valueOf(arguments[0]).start(new Ends(numbers[0], numbers[1]));
      System.out.println(measure(node, numbers[2], numbers[3], numbers[4]).toLine());
    } catch (Throwable failure) {
      failure.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
    System.out.flush();
    Runtime.getRuntime().halt(0); // The system's own threads and hooks have nothing left to do.
  }

  private static Figures measure(Node node, int warmUpMillis, int millis, int keysPerGet)
      throws Exception {
    node.awaitOther();
    List<String> keys =
        IntStream.iterate(0, i -> i + 1)
            .mapToObj(node::key)
            .filter(node::isRemote)
            .limit(KEYS)
            .toList();
    node.fill(keys);
    requireNothingHeld(node);
    Figures figures = new Load(node, keys, keysPerGet).run(warmUpMillis, millis);
    requireNothingHeld(node);
    return figures;
  }

  private static void requireNothingHeld(Node node) {
    if (node.held() != 0) {
      throw new IllegalStateException("values are on the caller's side: " + node.held());
    }
  }
}
