package geecache.simulation;

import java.util.random.RandomGenerator;

/** Draws from a seed. */
class Draw {
  final RandomGenerator random;

  Draw(RandomGenerator random) {
    this.random = random;
  }

  /** Returns true in so many of a hundred cases. */
  final boolean in(int ofHundred) {
    return random.nextInt(100) < ofHundred;
  }

  /** Returns a number from {@code least} to {@code most}. */
  final int between(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  final int anyOf(int... some) {
    return some[random.nextInt(some.length)];
  }

  final <T> T anyOf(T[] some) {
    return some[random.nextInt(some.length)];
  }
}
