package geecache.cluster;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The message by which a node makes contact with another.
 *
 * @param url the sender's URL; empty if the sender does not know it
 * @param standing of the sender
 * @param clock the latest time that the sender's clock knows; 0 from a node of version 1
 * @param clear only from a node of version 1, or to one: the receiver clears all groups
 * @param removed only from a node of version 1, or to one: removals that the receiver may have
 *     missed
 * @param groups the sender's groups, as {@link GroupVersion} writes them; empty if it does not say,
 *     or has more than {@link GroupVersion#MOST_TOLD}
 * @param groupCount how many groups the sender has; {@link GroupVersion#NOT_COUNTED} if it does not
 *     say
 */
public record Meeting(
    String url,
    Standing standing,
    long clock,
    boolean clear,
    List<Removal> removed,
    List<String> groups,
    int groupCount) {
  /** Makes a meeting that tells no groups. */
  public Meeting(String url, Standing standing, long clock, boolean clear, List<Removal> removed) {
    this(url, standing, clock, clear, removed, List.of(), GroupVersion.NOT_COUNTED);
  }

  /** Makes a meeting that tells no changes and no groups. */
  static Meeting of(@Nullable String url, Standing standing, long clock) {
    return new Meeting(shown(url), standing, clock, false, List.of());
  }

  /** Makes a meeting that tells all groups of the sender, and no changes. */
  static Meeting of(@Nullable String url, Standing standing, long clock, List<String> groups) {
    return new Meeting(shown(url), standing, clock, false, List.of(), groups, groups.size());
  }

  private static String shown(@Nullable String url) {
    return url == null ? "" : url;
  }

  /** Whether the sender says which groups it has, or how many. */
  boolean tellsGroups() {
    return groupCount != GroupVersion.NOT_COUNTED || !groups.isEmpty();
  }
}
