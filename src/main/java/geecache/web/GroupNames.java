package geecache.web;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Finds the groups that settings name: {@code geecache.groups.users.ttl} names {@code users}. The
 * environment tells neither capitals nor punctuation: {@code GEECACHE_GROUPS_USERS_SOURCE} is of
 * the group that another place names and that would be written so, and else names {@code users}. No
 * other variable names a group.
 */
final class GroupNames {
  private static final List<String> ENDS =
      GroupSettingTable.all().stream().map(setting -> "." + setting.nameInGroup()).toList();

  private static final String SOURCE = "_SOURCE";

  private GroupNames() {}

  /** Returns the names in order. */
  static SortedSet<String> in(SettingSources sources) {
    SortedSet<String> names = new TreeSet<>();
    for (SettingSource source : sources.all()) {
      for (String name : source.names()) {
        ofName(sources.context().plain(name)).ifPresent(names::add);
      }
    }
    Set<String> known = names.stream().map(SettingSource::variable).collect(Collectors.toSet());
    sources.all().stream()
        .filter(SettingSource::isEnvironment)
        .flatMap(source -> source.names().stream())
        .flatMap(name -> ofVariable(sources.context().plainVariable(name)).stream())
        .filter(name -> !known.contains(name))
        .forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    return names;
  }

  private static Optional<String> ofName(String name) {
    return ENDS.stream()
        .filter(name::endsWith)
        .max(Comparator.comparingInt(String::length))
        .flatMap(end -> between(name, Setting.GROUPS, end));
  }

  private static Optional<String> ofVariable(String name) {
    return between(name, SettingSource.variable(Setting.GROUPS), SOURCE);
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
