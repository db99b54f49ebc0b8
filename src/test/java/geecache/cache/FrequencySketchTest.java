package geecache.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FrequencySketchTest {
  private static int hash(int key) {
    return Stripe.hash("k" + key);
  }

  @Test
  void aKeyIsKnownByItsHighestFrequency() {
    FrequencySketch sketch = new FrequencySketch(16);
    assertThat(sketch.frequency(hash(1))).isZero();
    sketch.raise(hash(1), 5);
    sketch.raise(hash(1), 3);
    assertThat(sketch.frequency(hash(1))).isEqualTo(5);
    sketch.raise(hash(1), 15);
    assertThat(sketch.frequency(hash(1))).isEqualTo(15);
  }

  @Test
  void noKeyIsTakenForLessThanItIs() {
    FrequencySketch sketch = new FrequencySketch(64);
    for (int key = 0; key < 500; key++) {
      sketch.raise(hash(key), 1 + key % 15);
    }
    for (int key = 0; key < 500; key++) {
      assertThat(sketch.frequency(hash(key))).isGreaterThanOrEqualTo(1 + key % 15);
    }
  }

  /** With as many keys as words, that is two buckets for each: as in a table that is half full. */
  @Test
  void fewStrangersAreTakenForKnown() {
    FrequencySketch sketch = new FrequencySketch(1024);
    for (int key = 0; key < 1024; key++) {
      sketch.raise(hash(key), 1);
    }
    int known = 0;
    for (int key = 10_000; key < 20_000; key++) {
      known += sketch.frequency(hash(key));
    }
    assertThat(known).isLessThan(500);
  }

  @Test
  void halvingForgetsWhatWasAskedForOnce() {
    FrequencySketch sketch = new FrequencySketch(1);
    sketch.raise(hash(1), 1);
    sketch.halve();
    assertThat(sketch.frequency(hash(1))).isZero();
    sketch.raise(hash(1), 15);
    sketch.halve();
    assertThat(sketch.frequency(hash(1))).isEqualTo(7);
  }

  @Test
  void countsStayWhenItGrowsAndShrinks() {
    FrequencySketch sketch = new FrequencySketch(8);
    for (int key = 0; key < 20; key++) {
      sketch.raise(hash(key), 1 + key % 15);
    }
    for (int words : new int[] {64, 16, 2}) {
      sketch.resize(words);
      for (int key = 0; key < 20; key++) {
        assertThat(sketch.frequency(hash(key))).isGreaterThanOrEqualTo(1 + key % 15);
      }
    }
  }
}
