package geecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import org.junit.jupiter.api.Test;

/** Loads run on virtual threads where that is safe, and on platform threads everywhere else. */
class VirtualThreadsTest {
  private static final int JVM = Runtime.version().feature();

  /** JVMs 19 and 20 have {@code Thread.ofVirtual}, which throws unless previews are enabled. */
  @Test
  void aPreviewOfThemIsNotTried() {
    for (int jvm = 17; jvm < 21; jvm++) {
      assertThat(
              VirtualThreads.perTask(
                  jvm,
                  () -> {
                    throw new AssertionError("tried");
                  }))
          .isNull();
    }
  }

  @Test
  void aJvmInWhichTheyFailHasNone() {
    ExecutorService failed =
        VirtualThreads.perTask(
            21,
            () -> {
              throw new UnsupportedOperationException("Preview features not enabled");
            });
    assertThat(failed).isNull();
    ExecutorService absent =
        VirtualThreads.perTask(
            21,
            () -> {
              throw new LinkageError();
            });
    assertThat(absent).isNull();
  }

  /** A driver that blocks inside {@code synchronized} holds a carrier before JVM 24. */
  @Test
  void loadsRunOnPlatformThreadsByDefaultUntilVirtualOnesAreNotPinned() throws Exception {
    for (int jvm : new int[] {17, 19, 20, 21, 23}) {
      try (LoaderThreads threads = new LoaderThreads(0, jvm)) {
        assertThat(isVirtual(threads)).as("JVM %d", jvm).isFalse();
      }
    }
    try (LoaderThreads threads = new LoaderThreads(0, 24)) {
      assertThat(isVirtual(threads)).isEqualTo(JVM >= 21);
    }
    try (LoaderThreads threads = new LoaderThreads(1, 24)) {
      assertThat(isVirtual(threads)).isFalse();
    }
  }

  @Test
  void theKindMayBeChosen() throws Exception {
    try (LoaderThreads threads = new LoaderThreads(0)) {
      threads.use(ThreadKind.PLATFORM);
      assertThat(isVirtual(threads)).isFalse();
      if (JVM >= 21) {
        threads.use(ThreadKind.VIRTUAL);
        assertThat(isVirtual(threads)).isTrue();
      }
    }
  }

  @Test
  void virtualThreadsThatCannotBeHadAreRefused() {
    try (LoaderThreads old = new LoaderThreads(0, 20);
        Geecache bounded = new Geecache(Ticker.system(), 4)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> old.use(ThreadKind.VIRTUAL))
          .withMessage(
              "virtual loader threads need a JVM of 21 or later, and no bound on their number");
      assertThatIllegalStateException().isThrownBy(() -> bounded.loaderThreads(ThreadKind.VIRTUAL));
    }
  }

  private static boolean isVirtual(LoaderThreads threads) throws Exception {
    CompletableFuture<Thread> ran = new CompletableFuture<>();
    threads.execute(() -> ran.complete(Thread.currentThread()));
    Thread thread = ran.get();
    assertThat(thread.isDaemon()).isTrue();
    assertThat(thread.getName()).startsWith("geecache-loader-");
    assertThat(thread.getContextClassLoader())
        .isSameAs(Thread.currentThread().getContextClassLoader());
    return JVM >= 21 && (Boolean) Thread.class.getMethod("isVirtual").invoke(thread);
  }
}
