package geecache;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * The virtual threads of a JVM (JEP 444), reached without being compiled for them. JVMs 19 and 20
 * have their methods as a preview, which throw, so the version decides whether they are tried.
 */
final class VirtualThreads {
  /** The first JVM that has virtual threads for good. */
  static final int SINCE = 21;

  /**
   * The first JVM in which code that blocks inside {@code synchronized} holds no carrier (JEP 491).
   */
  static final int UNPINNED_SINCE = 24;

  private VirtualThreads() {}

  /**
   * Returns an executor with a virtual thread for each task, named {@code prefix} and a number. The
   * threads have the context class loader of this thread, and inherit no thread locals.
   *
   * @param jvm the version of the JVM
   * @return null if the JVM has no virtual threads
   */
  static @Nullable ExecutorService perTask(int jvm, String prefix) {
    return perTask(jvm, () -> executor(inContext(factory(prefix))));
  }

  /** Tries {@code maker} only in a JVM that has virtual threads for good. */
  static @Nullable ExecutorService perTask(int jvm, Callable<ExecutorService> maker) {
    if (jvm < SINCE) {
      return null;
    }
    try {
      return maker.call();
    } catch (Exception | LinkageError otherThanExpected) {
      return null; // A JVM that differs from the known ones: platform threads do as well.
    }
  }

  private static ThreadFactory factory(String prefix) throws Exception {
    Class<?> builder = Class.forName("java.lang.Thread$Builder");
    Object made = Thread.class.getMethod("ofVirtual").invoke(null);
    made = builder.getMethod("name", String.class, long.class).invoke(made, prefix, 1L);
    made = builder.getMethod("inheritInheritableThreadLocals", boolean.class).invoke(made, false);
    return (ThreadFactory) builder.getMethod("factory").invoke(made);
  }

  private static ThreadFactory inContext(ThreadFactory factory) {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    return task -> {
      Thread thread = factory.newThread(task);
      thread.setContextClassLoader(loader);
      return thread;
    };
  }

  private static ExecutorService executor(ThreadFactory factory) throws Exception {
    return (ExecutorService)
        Executors.class
            .getMethod("newThreadPerTaskExecutor", ThreadFactory.class)
            .invoke(null, factory);
  }
}
