package geecache.settings;

import java.util.List;
import java.util.stream.Stream;

/**
 * All settings that exist. Every other name that begins with {@code geecache.} is unknown.
 *
 * @param ofNode the settings of the node, in the order in which they are shown
 * @param ofEachGroup the settings that each group has, in the order in which they are shown
 */
public record SettingTable(List<Setting<?>> ofNode, List<Setting<?>> ofEachGroup) {
  /** Copies the lists. */
  public SettingTable {
    ofNode = List.copyOf(ofNode);
    ofEachGroup = List.copyOf(ofEachGroup);
  }

  /** Returns the settings of the node, then those that each group has. */
  public Stream<Setting<?>> all() {
    return Stream.concat(ofNode.stream(), ofEachGroup.stream());
  }
}
