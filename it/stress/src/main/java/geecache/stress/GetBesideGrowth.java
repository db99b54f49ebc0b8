package geecache.stress;

import geecache.cache.ValueCache;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** A table that grows loses nothing for gets meanwhile. */
@JCStressTest
@Outcome(id = "7", expect = Expect.ACCEPTABLE, desc = "Found.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Lost.")
@State
public class GetBesideGrowth {
  /** So many that the table of some stripe grows. */
  private static final int OTHERS = 2_000;

  private static final String[] KEYS = new String[OTHERS];

  static {
    for (int i = 0; i < OTHERS; i++) {
      KEYS[i] = "other " + i;
    }
  }

  private final ValueCache<StoredValue> store = StoredValue.unbounded();

  public GetBesideGrowth() {
    store.compute("key", present -> new StoredValue(7));
  }

  @Actor
  public void grow() {
    for (String key : KEYS) {
      store.compute(key, present -> new StoredValue(1));
    }
  }

  @Actor
  public void get(I_Result seen) {
    int found = 7;
    for (int i = 0; i < OTHERS && found == 7; i++) {
      found = StoredValue.numberOf(store.get("key"));
    }
    seen.r1 = found;
  }
}
