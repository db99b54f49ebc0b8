package geecache;

import java.util.random.RandomGenerator;

/**
 * Random numbers that depend on the seed, the time, and how many were drawn at that time. So what
 * is left out of a run changes nothing that happens elsewhere at other times, and a run that fails
 * goes on failing when it is made shorter. The generator is SplitMix64 (Steele, Lea and Flood,
 * 2014), begun anew at each time.
 */
final class MomentaryRandom implements RandomGenerator {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final long seed;
  private long state;

  MomentaryRandom(long seed) {
    this.seed = mix(seed + GOLDEN);
    begin(0);
  }

  /** Begins anew, since it is another time. */
  void begin(long now) {
    state = mix(seed ^ mix(now + GOLDEN));
  }

  @Override
  public long nextLong() {
    state += GOLDEN;
    return mix(state);
  }

  private static long mix(long bits) {
    long mixed = (bits ^ bits >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }
}
