package geecache.stress;

import geecache.cache.ValueCache;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A value that is found is whole, and does not go again. */
@JCStressTest
@Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "Not there yet.")
@Outcome(id = "-1, 7", expect = Expect.ACCEPTABLE, desc = "It has come between the two.")
@Outcome(id = "7, 7", expect = Expect.ACCEPTABLE, desc = "It was there.")
@Outcome(expect = Expect.FORBIDDEN, desc = "In part, or gone again.")
@State
public class GetBesideInsert {
  private final ValueCache<StoredValue> store = StoredValue.unbounded();

  @Actor
  public void insert() {
    store.compute("key", present -> new StoredValue(7));
  }

  @Actor
  public void get(II_Result seen) {
    seen.r1 = StoredValue.numberOf(store.get("key"));
    seen.r2 = StoredValue.numberOf(store.get("key"));
  }
}
