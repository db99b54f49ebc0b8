package geecache.cluster;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a meeting.
 *
 * @param members the nodes that the answering node knows, itself included; empty if it does not say
 * @param standing of the answering node
 * @param clock the latest time that its clock knows; 0 from a node of version 1
 * @param known the changes that it knows; null from a node of version 1, which cannot tell
 * @param leases whether it gives leases, and stores values only if there are none
 * @param groups its groups, as {@link GroupVersion} writes them; empty if it does not say, or has
 *     more than {@link GroupVersion#MOST_TOLD}
 * @param groupCount how many groups it has; {@link GroupVersion#NOT_COUNTED} if it does not say
 */
public record Acknowledgement(
    List<String> members,
    Standing standing,
    long clock,
    @Nullable VersionVector known,
    List<String> groups,
    boolean leases,
    int groupCount) {
  /** The answer of a node that gives no leases, and does not say how many groups it has. */
  public Acknowledgement(
      List<String> members,
      Standing standing,
      long clock,
      @Nullable VersionVector known,
      List<String> groups) {
    this(members, standing, clock, known, groups, false, GroupVersion.NOT_COUNTED);
  }
}
