package geecache.cluster;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One message of changes, carried out in the order of its components.
 *
 * @param to the id of the node that it is for; any other node refuses it
 * @param clock the latest time that the sender's clock knows
 * @param sets values for keys that the receiver owns; at most {@link #MOST_SETS}
 * @param baseline changes that the sender does not remember one by one; null for none
 * @param removed removals, those of one origin in the order of their numbers; at most {@link
 *     #MOST_REMOVALS}
 */
public record Changes(
    long to, long clock, List<SetChange> sets, @Nullable Baseline baseline, List<Removal> removed) {
  /** The most removals in one message. */
  public static final int MOST_REMOVALS = 1_000;

  /** The most values in one message. */
  public static final int MOST_SETS = 1_000;
}
