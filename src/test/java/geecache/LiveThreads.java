package geecache;

import java.util.List;

/** The threads of this JVM that have not ended. */
public final class LiveThreads {
  private LiveThreads() {}

  /** Returns the names that start like this. */
  public static List<String> named(String prefix) {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith(prefix))
        .sorted()
        .toList();
  }
}
