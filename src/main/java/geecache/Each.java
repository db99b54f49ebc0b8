package geecache;

import java.util.List;
import java.util.function.Consumer;

/** Does something with each of many, even if it fails with some. */
final class Each {
  private Each() {}

  /** Runs {@code action} with each; if it throws, then only after all others. */
  static <T> void of(List<T> all, Consumer<? super T> action) {
    from(0, all, action);
  }

  private static <T> void from(int first, List<T> all, Consumer<? super T> action) {
    int next = first;
    try {
      while (next < all.size()) {
        action.accept(all.get(next++));
      }
    } finally {
      if (next < all.size()) {
        from(next, all, action);
      }
    }
  }
}
