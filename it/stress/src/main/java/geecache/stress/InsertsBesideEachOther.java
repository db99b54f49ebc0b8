package geecache.stress;

import geecache.cache.ValueCache;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two threads insert into a store that is full: in the end it is full, and counts right. */
@JCStressTest
@Outcome(id = "4, 4", expect = Expect.ACCEPTABLE, desc = "Full.")
@Outcome(id = "3, 3", expect = Expect.ACCEPTABLE, desc = "Each made room for both.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Over the bound, too empty, or counted wrong.")
@State
public class InsertsBesideEachOther {
  private final ValueCache<StoredValue> store = StoredValue.small();

  public InsertsBesideEachOther() {
    for (int i = 0; i < 4; i++) {
      insert("old " + i);
    }
  }

  private void insert(String key) {
    store.compute(key, present -> new StoredValue(1));
  }

  @Actor
  public void first() {
    insert("first");
  }

  @Actor
  public void second() {
    insert("second");
  }

  @Arbiter
  public void count(II_Result end) {
    end.r1 = (int) store.entries();
    end.r2 = (int) store.bytes();
  }
}
