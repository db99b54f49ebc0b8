package geecache.stress;

import geecache.cache.ValueCache;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A get beside a replacement finds the old value or the new one, and never the old one last. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Both before.")
@Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "Replaced between the two.")
@Outcome(id = "2, 2", expect = Expect.ACCEPTABLE, desc = "Both after.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Nothing, a part, or the old value last.")
@State
public class GetBesideReplacement {
  private final ValueCache<StoredValue> store = StoredValue.unbounded();

  public GetBesideReplacement() {
    store.compute("key", present -> new StoredValue(1));
  }

  @Actor
  public void replace() {
    store.compute("key", present -> new StoredValue(2));
  }

  @Actor
  public void get(II_Result seen) {
    seen.r1 = StoredValue.numberOf(store.get("key"));
    seen.r2 = StoredValue.numberOf(store.get("key"));
  }
}
