package geecache.settings;

import geecache.internal.ControlCharacters;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds names that begin like a setting, and that no setting has. A name that would be a setting of
 * another application is left to that application.
 */
final class UnknownSettings {
  /** The variables that Kubernetes sets for a service that is called geecache. */
  private static final Pattern SERVICE =
      Pattern.compile("GEECACHE_(SERVICE_(HOST|PORT\\w*)|PORT(_\\d+_(TCP|UDP)\\w*)?)");

  private final ApplicationPrefix application;

  /** The names of all settings that this application has. */
  private final List<String> known = new ArrayList<>();

  /** Match any setting after the name of another application, in either notation. */
  private final Map<Notation, Pattern> ofOthers = new EnumMap<>(Notation.class);

  private UnknownSettings(
      ApplicationPrefix application, SettingTable table, Collection<String> groups) {
    this.application = application;
    table.ofNode().forEach(setting -> known.add(setting.name()));
    for (String group : groups) {
      table.ofEachGroup().forEach(setting -> known.add(setting.of(group).name()));
    }
    for (Notation notation : Notation.values()) {
      ofOthers.put(notation, afterAnyApplication(table, notation));
    }
  }

  private static Pattern afterAnyApplication(SettingTable table, Notation notation) {
    String anySetting =
        table
            .all()
            .map(setting -> setting.name().substring(Setting.PREFIX.length()))
            .map(name -> anyGroup(name, notation))
            .collect(Collectors.joining("|", "(", ")"));
    return Pattern.compile(
        Pattern.quote(notation.of(Setting.PREFIX))
            + ".+"
            + Pattern.quote(notation.of("."))
            + anySetting);
  }

  private static String anyGroup(String setting, Notation notation) {
    return Stream.of(setting.split(Pattern.quote(Setting.GROUP)))
        .map(part -> Pattern.quote(notation.of(part)))
        .collect(Collectors.joining(".+"));
  }

  /**
   * Returns a line for each unknown name.
   *
   * @param groups the groups that settings name
   */
  static List<String> in(SettingLookup lookup, SettingTable table, Collection<String> groups) {
    UnknownSettings unknown = new UnknownSettings(lookup.application(), table, groups);
    return lookup.places().stream().flatMap(unknown::in).toList();
  }

  private Stream<String> in(SettingPlace place) {
    return place.names().stream()
        .sorted()
        .flatMap(name -> warning(name, place.notationOf(name), place.name()).stream());
  }

  private Optional<String> warning(String written, Notation notation, String place) {
    String prefix = notation.of(Setting.PREFIX);
    String name = application.removeFrom(written, notation);
    if (!name.startsWith(prefix)
        || known.stream().map(notation::of).anyMatch(name::equals)
        || ofOthers.get(notation).matcher(name).matches()
        || SERVICE.matcher(name).matches()) {
      return Optional.empty();
    }
    String own = written.substring(0, written.length() - name.length() + prefix.length());
    return Optional.of(
        "unknown setting %s (%s)%s"
            .formatted(
                ControlCharacters.escape(written),
                place,
                nearest(name, notation)
                    .map(known -> own + known.substring(prefix.length()))
                    .map(known -> "; did you mean " + known + "?")
                    .orElse("")));
  }

  /** Returns the known name from which {@code name} differs by a few letters. */
  private Optional<String> nearest(String name, Notation notation) {
    int most = Math.max(2, (name.length() - Setting.PREFIX.length()) / 4);
    return known.stream()
        .map(notation::of)
        .min(Comparator.comparingInt(each -> distance(name, each)))
        .filter(each -> distance(name, each) <= most);
  }

  /** Returns how many characters have to be put in, left out or replaced (Levenshtein, 1966). */
  private static int distance(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[other.length()];
  }
}
