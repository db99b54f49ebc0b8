package geecache.bench.remote;

import geecache.bench.nodes.Ends;
import java.util.List;

/** The process that asks for cold keys. */
final class ColdCaller {
  /** How long a load takes, one after the other. */
  static final List<Integer> LOAD_MICROS = List.of(0, 1_000);

  /** So many keys are asked for first, and have to be stored then. */
  private static final int CHECKED = 100;

  private ColdCaller() {}

  /** Takes a {@link RemoteSystem}, its {@link Ends}, the warm-up and the interval, in ms. */
  public static void main(String[] arguments) {
    try {
      Ends ends = new Ends(Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
      ColdNode node = (ColdNode) RemoteSystem.valueOf(arguments[0]).start(ends);
      measure(node, Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
    } catch (Throwable failure) {
      failure.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
    System.out.flush();
    Runtime.getRuntime().halt(0); // The system's own threads and hooks have nothing left to do.
  }

  /** The first of the warm-ups is the long one. */
  private static void measure(ColdNode node, int warmUpMillis, int millis) throws Exception {
    node.awaitOther();
    int warmUp = warmUpMillis;
    for (int loadMicros : LOAD_MICROS) {
      ColdKeys keys = new ColdKeys(node, loadMicros);
      requireStored(node, keys);
      System.out.println(new Load(node, keys).run(warmUp, millis).toLine());
      warmUp = warmUpMillis / 4;
    }
    if (node.held() != 0) {
      throw new IllegalStateException("values are on the caller's side: " + node.held());
    }
  }

  private static void requireStored(ColdNode node, ColdKeys keys) throws Exception {
    for (int i = 0; i < CHECKED; i++) {
      String key = keys.get();
      if (node.isStored(key)) {
        throw new IllegalStateException("not cold: " + key);
      }
      Values.require(key, node.get(key));
      if (!node.isStored(key)) {
        throw new IllegalStateException("loaded, and not stored: " + key);
      }
    }
  }
}
