package geecache;

/**
 * Makes sure that the stack of a thread has room for the engine's own steps. A stack that ended in
 * the midst of one would leave a seat taken for ever, and the steps that mend that need room as
 * well. So the stack ends here, before anything is taken.
 */
final class StackRoom {
  /**
   * Frames of 64 bytes and more; half of them were enough in all runs of the test. Each miss pays
   * for all: a processor predicts the returns of some 16 frames only.
   */
  private static final int FRAMES = 64;

  private StackRoom() {}

  /**
   * Returns if there is room.
   *
   * @throws StackOverflowError if not
   */
  static void require() {
    descend(FRAMES, 1, 2, 3, 4, 5, 6);
  }

  /** Uses its arguments after the call, so that no compiler leaves a frame out. */
  private static long descend(int left, long a, long b, long c, long d, long e, long f) {
    return left == 0 ? a : descend(left - 1, b, c, d, e, f, a) + a - b + c - d + e - f;
  }
}
