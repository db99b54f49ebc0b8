package geecache.cluster;

import geecache.LocalGroup;
import geecache.LocalNode;
import geecache.internal.ValueVersion;
import java.util.List;

/**
 * A group with one version of its values. Nodes name it so to each other: {@code users@2}, or
 * {@code users} if it names no version. A node that knows no versions finds no group of such a
 * name.
 *
 * @param version empty if the group names none
 */
public record GroupVersion(String group, String version) {
  private static final char MARK = '@';

  /** More groups than any node has; a node with more tells only how many it has. */
  public static final int MOST_TOLD = 1_000;

  /** In place of how many groups a node has, if it does not say. */
  public static final int NOT_COUNTED = -1;

  /** The longest text of one, in characters. */
  public static final int LONGEST = 128 + 1 + 64;

  /** Returns the name of {@code group} and its version on its node. */
  public static GroupVersion of(LocalGroup group) {
    return new GroupVersion(group.name(), group.version());
  }

  /** Returns what another node has written; it may break every rule. */
  public static GroupVersion parse(String text) {
    int mark = text.indexOf(MARK);
    return mark < 0
        ? new GroupVersion(text, ValueVersion.NONE)
        : new GroupVersion(text.substring(0, mark), text.substring(mark + 1));
  }

  /** Returns the groups of a node as it tells them, in order. */
  static List<String> allOf(LocalNode node) {
    return node.groups().stream().map(group -> of(group).toString()).sorted().toList();
  }

  /** Returns the text that nodes write. */
  @Override
  public String toString() {
    return version.isEmpty() ? group : group + MARK + version;
  }
}
