package geecache.bench;

import java.util.List;

/** The arguments of a benchmark. A mistake in them ends it with exit code 2. */
public record Arguments(List<String> words) {
  /** Refuses what is not in {@code known}; each of those but {@code --quick} takes a value. */
  static Arguments of(String[] arguments, String... known) {
    return of(arguments, List.of(), known);
  }

  /** Refuses what is neither {@code --quick}, nor one of {@code flags}, nor known with a value. */
  public static Arguments of(String[] arguments, List<String> flags, String... known) {
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i].equals("--quick") || flags.contains(arguments[i])) {
        continue;
      }
      if (!List.of(known).contains(arguments[i])) {
        throw usage("unknown option " + arguments[i]);
      }
      if (++i == arguments.length) {
        throw usage(arguments[i - 1] + " takes a value");
      }
    }
    return new Arguments(List.of(arguments));
  }

  public boolean quick() {
    return flag("--quick");
  }

  public boolean flag(String name) {
    return words.contains(name);
  }

  /** The value last given, or {@code otherwise}. */
  public String text(String name, String otherwise) {
    int at = words.lastIndexOf(name);
    return at < 0 ? otherwise : words.get(at + 1);
  }

  /** The value last given, which must be one of {@code choices}; the first if none is given. */
  public String choice(String name, String... choices) {
    String value = text(name, choices[0]);
    if (!List.of(choices).contains(value)) {
      throw usage(name + " takes " + String.join(" or ", choices) + ": " + value);
    }
    return value;
  }

  public int number(String name, int otherwise) {
    String value = text(name, String.valueOf(otherwise));
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException notANumber) {
      throw usage(name + " takes a whole number: " + value);
    }
  }

  /** How many rounds were asked for with {@code --rounds}; else {@code otherwise}. */
  public int rounds(int least, int otherwise) {
    int rounds = number("--rounds", otherwise);
    if (rounds < least) {
      throw usage("--rounds takes " + least + " or more: " + rounds);
    }
    return rounds;
  }

  /** Ends this process; the exception is for the compiler. */
  public static IllegalArgumentException usage(String fault) {
    System.err.println(fault + "; see bench/run --help");
    System.exit(2);
    return new IllegalArgumentException(fault);
  }
}
