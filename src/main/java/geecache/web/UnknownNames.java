package geecache.web;

import geecache.internal.ControlCharacters;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tells names that begin like settings and are none. What is a setting after the name of some
 * application is none of another's business.
 */
final class UnknownNames {
  /** What Kubernetes puts into the environment for a service that is called geecache. */
  private static final Pattern SERVICE =
      Pattern.compile("GEECACHE_(SERVICE_(HOST|PORT\\w*)|PORT(_\\d+_(TCP|UDP)\\w*)?)");

  /** How a setting is called in one kind of place. */
  private enum Notation {
    NAME(".", name -> name),
    VARIABLE("_", SettingSource::variable);

    private final String separator;
    private final UnaryOperator<String> notation;

    /** Matches a setting of another application, after its name. */
    private final Pattern ofOthers;

    Notation(String separator, UnaryOperator<String> notation) {
      this.separator = separator;
      this.notation = notation;
      this.ofOthers = Pattern.compile(quoted(prefix()) + ".+" + quoted(separator) + anySetting());
    }

    String of(String name) {
      return notation.apply(name);
    }

    String prefix() {
      return of(Setting.PREFIX);
    }

    private String anySetting() {
      return SettingTable.everything().stream()
          .map(setting -> setting.name().substring(Setting.PREFIX.length()))
          .map(
              name ->
                  Stream.of(name.split(quoted(Setting.GROUP)))
                      .map(part -> quoted(of(part)))
                      .collect(Collectors.joining(".+")))
          .collect(Collectors.joining("|", "(", ")"));
    }

    private static String quoted(String text) {
      return Pattern.quote(text);
    }
  }

  private final SettingSources sources;

  /** The names of all settings that this application has. */
  private final List<String> known = new ArrayList<>();

  private UnknownNames(SettingSources sources, Collection<String> groups) {
    this.sources = sources;
    SettingTable.all().forEach(setting -> known.add(setting.name()));
    for (String group : groups) {
      GroupSettingTable.all().forEach(setting -> known.add(setting.of(group).name()));
    }
  }

  /**
   * Returns a line for each unknown name in {@code sources}.
   *
   * @param groups those that the settings name
   */
  static List<String> in(SettingSources sources, Collection<String> groups) {
    UnknownNames unknown = new UnknownNames(sources, groups);
    return sources.all().stream().flatMap(unknown::in).toList();
  }

  private Stream<String> in(SettingSource source) {
    return source.names().stream()
        .sorted()
        .flatMap(name -> warning(name, notation(name, source), source.name()).stream());
  }

  private static Notation notation(String name, SettingSource source) {
    return source.isEnvironment() && !name.startsWith(Setting.PREFIX)
        ? Notation.VARIABLE
        : Notation.NAME;
  }

  private Optional<String> warning(String written, Notation notation, String place) {
    String name =
        notation == Notation.NAME
            ? sources.context().plain(written)
            : sources.context().plainVariable(written);
    if (!name.startsWith(notation.prefix())
        || known.stream().map(notation::of).anyMatch(name::equals)
        || notation.ofOthers.matcher(name).matches()
        || SERVICE.matcher(name).matches()) {
      return Optional.empty();
    }
    String prefix =
        written.substring(0, written.length() - name.length() + notation.prefix().length());
    return Optional.of(
        "%s (%s) is no setting of geecache%s"
            .formatted(
                ControlCharacters.escape(written),
                place,
                nearest(name, notation)
                    .map(known -> prefix + known.substring(notation.prefix().length()))
                    .map(known -> "; did you mean " + known + "?")
                    .orElse("")));
  }

  /** Returns the setting that a slip of some letters makes {@code name} of. */
  private Optional<String> nearest(String name, Notation notation) {
    int most = Math.max(2, (name.length() - notation.prefix().length()) / 4);
    return known.stream()
        .map(notation::of)
        .min(Comparator.comparingInt(each -> distance(name, each)))
        .filter(each -> distance(name, each) <= most);
  }

  /** How many characters have to be put in, left out or replaced (Levenshtein, 1966). */
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
