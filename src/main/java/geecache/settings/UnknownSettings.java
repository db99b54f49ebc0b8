package geecache.settings;

import geecache.internal.ControlCharacters;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
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

  /** The names of settings, by all that users may call them; in the notation of variables. */
  private final Map<String, String> spellings = new HashMap<>();

  private final SettingTable table;

  /** Match any setting after the name of another application, in either notation. */
  private final Map<Notation, Pattern> ofOthers = new EnumMap<>(Notation.class);

  private UnknownSettings(
      ApplicationPrefix application, SettingTable table, Collection<String> groups) {
    this.application = application;
    this.table = table;
    table.ofNode().forEach(setting -> known.add(setting.name()));
    for (String group : groups) {
      table.ofEachGroup().forEach(setting -> known.add(setting.of(group).name()));
    }
    addSpellings(groups);
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

  /** Adds the names first, then other words for them, then those of the node for a group. */
  private void addSpellings(Collection<String> groups) {
    known.forEach(name -> spellings.putIfAbsent(Notation.VARIABLE.of(name), name));
    for (Setting<?> setting : table.ofNode()) {
      setting.otherWords().forEach(word -> addSpelling(Setting.PREFIX + word, setting.name()));
    }
    for (Setting<?> setting : table.ofEachGroup()) {
      List<String> words = new ArrayList<>(setting.otherWords());
      words.add(setting.nameInGroup());
      for (String word : words) {
        groups.forEach(
            group -> addSpelling(Setting.ofGroup(group) + "." + word, setting.of(group).name()));
        addSpelling(Setting.PREFIX + word, setting.name());
      }
    }
    for (Setting<?> setting : table.ofNode()) {
      String word = setting.name().substring(Setting.PREFIX.length());
      groups.forEach(group -> addSpelling(Setting.ofGroup(group) + "." + word, setting.name()));
    }
  }

  private void addSpelling(String spelling, String name) {
    spellings.putIfAbsent(Notation.VARIABLE.of(spelling), name);
  }

  private Optional<String> warning(String written, Notation ofPlace, String place) {
    boolean misplaced = !written.startsWith(ofPlace.of(Setting.PREFIX));
    Notation notation = misplaced ? Notation.VARIABLE : ofPlace;
    String read = misplaced ? Notation.VARIABLE.of(written) : written;
    String name = application.removeFrom(read, notation);
    if (!misplaced && known.stream().map(notation::of).anyMatch(name::equals)
        || mayBeOfOthers(name, notation)
        || SERVICE.matcher(name).matches()) {
      return Optional.empty();
    }
    boolean own = !name.equals(read);
    return Optional.of(
        "unknown setting %s (%s)%s"
            .formatted(
                ControlCharacters.escape(written),
                place,
                suggestion(name, notation)
                    .map(found -> own ? application.addTo(found).orElse(found) : found)
                    .map(found -> found.contains(Setting.GROUP) ? found : ofPlace.of(found))
                    .map(found -> "; did you mean " + found + "?")
                    .orElse("")));
  }

  /** A setting of the node after the name of a group of ours is not another application's. */
  private boolean mayBeOfOthers(String name, Notation notation) {
    boolean ofOurGroup =
        name.startsWith(Setting.GROUPS) && spellings.containsKey(Notation.VARIABLE.of(name));
    return !ofOurGroup && ofOthers.get(notation).matcher(name).matches();
  }

  private Optional<String> suggestion(String name, Notation notation) {
    String words = Notation.VARIABLE.of(notation == Notation.NAME ? hyphenated(name) : name);
    return Optional.ofNullable(spellings.get(words))
        .or(() -> ofUnknownGroup(words))
        .or(() -> nearest(name, notation));
  }

  /** Returns {@code timeToLive} as {@code time-to-live}. */
  private static String hyphenated(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2");
  }

  /** Returns the setting of a group that no other setting names. */
  private Optional<String> ofUnknownGroup(String variable) {
    String start = Notation.VARIABLE.of(Setting.GROUPS);
    for (Setting<?> setting : table.ofEachGroup()) {
      List<String> words = new ArrayList<>(setting.otherWords());
      words.add(setting.nameInGroup());
      for (String word : words) {
        String end = Notation.VARIABLE.of("." + word);
        if (variable.startsWith(start)
            && variable.endsWith(end)
            && variable.length() > start.length() + end.length()) {
          String group = variable.substring(start.length(), variable.length() - end.length());
          return Optional.of(setting.of(group.toLowerCase(Locale.ROOT)).name());
        }
      }
    }
    return Optional.empty();
  }

  /** Returns the known name from which {@code name} differs by a few letters. */
  private Optional<String> nearest(String name, Notation notation) {
    int most = Math.max(2, (name.length() - Setting.PREFIX.length()) / 4);
    return known.stream()
        .min(Comparator.comparingInt(each -> distance(name, notation.of(each))))
        .filter(each -> distance(name, notation.of(each)) <= most);
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
