package geecache.stress;

import geecache.cache.ValueCache;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A value that was removed does not come back by gets that write down that they found it. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Both before.")
@Outcome(id = "1, -1", expect = Expect.ACCEPTABLE, desc = "Removed between the two.")
@Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "Both after.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A part, or back again.")
@State
public class GetBesideRemoval {
  private final ValueCache<StoredValue> store = StoredValue.unbounded();

  public GetBesideRemoval() {
    store.compute("key", present -> new StoredValue(1));
  }

  @Actor
  public void remove() {
    store.compute("key", present -> null);
  }

  @Actor
  public void get(II_Result seen) {
    seen.r1 = StoredValue.numberOf(store.get("key"));
    seen.r2 = StoredValue.numberOf(store.get("key"));
  }
}
