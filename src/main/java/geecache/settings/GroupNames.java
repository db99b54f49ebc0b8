package geecache.settings;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Finds the groups that settings name: {@code geecache.groups.users.ttl} names {@code users}. The
 * environment shows neither capitals nor punctuation: {@code GEECACHE_GROUPS_USERS_SOURCE} belongs
 * to the group that another place names and that would be written so. If there is none, it names
 * {@code users}. No other variable names a group.
 */
final class GroupNames {
  private static final String SOURCE = "_SOURCE";

  private final SettingLookup lookup;

  /** What the name of a group's setting ends with: {@code .ttl}. */
  private final List<String> ends;

  private GroupNames(SettingLookup lookup, SettingTable table) {
    this.lookup = lookup;
    this.ends = table.ofEachGroup().stream().map(setting -> "." + setting.nameInGroup()).toList();
  }

  /** Returns the names in order. */
  static SortedSet<String> in(SettingLookup lookup, SettingTable table) {
    return new GroupNames(lookup, table).all();
  }

  private SortedSet<String> all() {
    SortedSet<String> groups = new TreeSet<>();
    forEach(Notation.NAME, name -> ofName(name).ifPresent(groups::add));
    Set<String> known = groups.stream().map(Notation.VARIABLE::of).collect(Collectors.toSet());
    forEach(
        Notation.VARIABLE,
        variable ->
            ofVariable(variable)
                .filter(group -> !known.contains(group))
                .ifPresent(group -> groups.add(group.toLowerCase(Locale.ROOT))));
    return groups;
  }

  /** Takes the names that are written in {@code notation}, without the application's own. */
  private void forEach(Notation notation, Consumer<String> reader) {
    for (SettingPlace place : lookup.places()) {
      place.names().stream()
          .filter(name -> place.notationOf(name) == notation)
          .map(name -> lookup.application().removeFrom(name, notation))
          .forEach(reader);
    }
  }

  private Optional<String> ofName(String name) {
    return ends.stream()
        .filter(name::endsWith)
        .max(Comparator.comparingInt(String::length))
        .flatMap(end -> between(name, Setting.GROUPS, end));
  }

  private static Optional<String> ofVariable(String variable) {
    return between(variable, Notation.VARIABLE.of(Setting.GROUPS), SOURCE);
  }

  private static Optional<String> between(String name, String start, String end) {
    boolean has =
        name.startsWith(start)
            && name.endsWith(end)
            && name.length() > start.length() + end.length();
    return has
        ? Optional.of(name.substring(start.length(), name.length() - end.length()))
        : Optional.empty();
  }
}
