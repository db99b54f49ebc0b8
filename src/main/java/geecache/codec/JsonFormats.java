package geecache.codec;

import java.util.function.Predicate;
import java.util.function.Supplier;

/** Finds the Jackson that the application has. */
final class JsonFormats {
  /** Class names that tell the versions of Jackson apart. */
  static final String JACKSON_3 = "tools.jackson.databind.json.JsonMapper";

  static final String JACKSON_2 = "com.fasterxml.jackson.databind.json.JsonMapper";

  private JsonFormats() {}

  static JsonFormat of(Class<?> type) {
    return find(() -> Jackson3.of(type), () -> Jackson2.of(type), JsonFormats::isHere);
  }

  static JsonFormat ofList(Class<?> type) {
    return find(() -> Jackson3.ofList(type), () -> Jackson2.ofList(type), JsonFormats::isHere);
  }

  static JsonFormat naming(NamedTypes types) {
    return find(() -> Jackson3.naming(types), () -> Jackson2.naming(types), JsonFormats::isHere);
  }

  /**
   * Returns the format of the newest Jackson that {@code isHere}.
   *
   * @throws IllegalStateException if there is none
   */
  static JsonFormat find(
      Supplier<JsonFormat> jackson3, Supplier<JsonFormat> jackson2, Predicate<String> isHere) {
    if (isHere.test(JACKSON_3)) {
      return jackson3.get();
    }
    if (isHere.test(JACKSON_2)) {
      return jackson2.get();
    }
    throw new IllegalStateException(
        "JSON needs tools.jackson.core:jackson-databind 3,"
            + " or com.fasterxml.jackson.core:jackson-databind 2, in the application");
  }

  private static boolean isHere(String className) {
    try {
      Class.forName(className, false, JsonFormats.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException absent) {
      return false;
    }
  }
}
