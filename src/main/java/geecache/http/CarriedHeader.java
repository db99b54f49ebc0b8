package geecache.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The removals that a node has to know before it answers a {@code GET}: their ids as {@link
 * PeerMark} writes them, separated by commas, with an asterisk after those of everything.
 */
final class CarriedHeader {
  static final String NAME = "Geecache-Removed";

  private CarriedHeader() {}

  static String of(List<Removal.Carried> carried) {
    StringBuilder header = new StringBuilder();
    for (Removal.Carried removal : carried) {
      header
          .append(header.isEmpty() ? "" : ",")
          .append(new PeerMark(removal.id().origin(), removal.id().number()))
          .append(removal.everything() ? "*" : "");
    }
    return header.toString();
  }

  /** Returns what {@code header} says; null if that is malformed. */
  static @Nullable List<Removal.Carried> parse(String header) {
    List<Removal.Carried> carried = new ArrayList<>();
    for (String item : header.split(",", -1)) {
      boolean everything = item.endsWith("*");
      PeerMark mark = PeerMark.parse(everything ? item.substring(0, item.length() - 1) : item);
      if (mark == null) {
        return null;
      }
      carried.add(new Removal.Carried(new Removal.Id(mark.node(), mark.number()), everything));
    }
    return carried;
  }
}
