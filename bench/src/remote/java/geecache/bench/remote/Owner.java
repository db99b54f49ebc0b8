package geecache.bench.remote;

import geecache.bench.nodes.Ends;
import java.io.IOException;

/** The process that owns all keys. It ends when its standard input does, or is ended. */
final class Owner {
  static final String READY = "the owner is ready";

  private Owner() {}

  /** Takes a {@link RemoteSystem} and its {@link Ends}. */
  public static void main(String[] arguments) throws Exception {
    try {
      RemoteSystem.valueOf(arguments[0])
          .start(new Ends(Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2])));
      System.out.println(READY);
      awaitEnd();
    } catch (Throwable failure) {
      failure.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
    Runtime.getRuntime().halt(0);
  }

  private static void awaitEnd() throws IOException {
    while (System.in.read() >= 0) {
      continue; // Nobody writes here.
    }
  }
}
