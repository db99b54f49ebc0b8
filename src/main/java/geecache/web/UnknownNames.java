package geecache.web;

import geecache.ControlCharacters;
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

  private static final Pattern NAME = anyOf("[.]", name -> name);
  private static final Pattern VARIABLE = anyOf("_", SettingSource::variable);

  private UnknownNames() {}

  /** Returns a line for each unknown name in {@code sources}. */
  static List<String> in(SettingSources sources) {
    return sources.all().stream()
        .flatMap(
            source ->
                source.names().stream()
                    .filter(name -> source.isEnvironment() ? isNoVariable(name) : isNoName(name))
                    .sorted()
                    .map(name -> warning(name, source)))
        .toList();
  }

  /** Matches the names of all settings, after {@code geecache} or the name of an application. */
  private static Pattern anyOf(String separator, UnaryOperator<String> notation) {
    String names =
        SettingTable.all().stream()
            .map(setting -> setting.name().substring(Setting.PREFIX.length()))
            .map(name -> name.split(Pattern.quote(Setting.GROUP)))
            .map(
                parts ->
                    Stream.of(parts)
                        .map(part -> Pattern.quote(notation.apply(part)))
                        .collect(Collectors.joining(".+")))
            .collect(Collectors.joining("|"));
    String prefix = Pattern.quote(notation.apply(Setting.PREFIX));
    return Pattern.compile(prefix + "(.+" + separator + ")?(" + names + ")");
  }

  private static boolean isNoName(String name) {
    return name.startsWith(Setting.PREFIX) && !NAME.matcher(name).matches();
  }

  private static boolean isNoVariable(String name) {
    return isNoName(name)
        || name.startsWith(SettingSource.variable(Setting.PREFIX))
            && !VARIABLE.matcher(name).matches()
            && !SERVICE.matcher(name).matches();
  }

  private static String warning(String name, SettingSource source) {
    return ControlCharacters.escape(name)
        + " ("
        + source.getName()
        + ") is no setting of geecache"
        + nearest(name, source).map(known -> "; did you mean " + known + "?").orElse("");
  }

  /** Returns the setting that a slip of some letters makes {@code name} of. */
  private static Optional<String> nearest(String name, SettingSource source) {
    UnaryOperator<String> notation =
        name.startsWith(Setting.PREFIX) ? known -> known : SettingSource::variable;
    String own = source.context().prefix().map(notation).filter(name::startsWith).orElse("");
    String prefix = notation.apply(Setting.PREFIX);
    String rest = name.substring(own.isEmpty() ? prefix.length() : own.length());
    return SettingTable.all().stream()
        .map(setting -> notation.apply(setting.name()).substring(prefix.length()))
        .min(Comparator.comparingInt(known -> distance(rest, known)))
        .filter(known -> distance(rest, known) <= Math.max(2, rest.length() / 4))
        .map(known -> (own.isEmpty() ? prefix : own) + known);
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
