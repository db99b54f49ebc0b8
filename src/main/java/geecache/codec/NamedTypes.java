package geecache.codec;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The classes whose names JSON may have, and that are made of it: those of some packages, and plain
 * values and collections of the JDK. A class that is not allowed is not even loaded. Immutable.
 */
final class NamedTypes {
  private static final Set<String> OF_THE_JDK =
      Set.of(
          "java.lang.Boolean",
          "java.lang.Byte",
          "java.lang.Character",
          "java.lang.Double",
          "java.lang.Float",
          "java.lang.Integer",
          "java.lang.Long",
          "java.lang.Object",
          "java.lang.Short",
          "java.lang.String",
          "java.math.BigDecimal",
          "java.math.BigInteger",
          "java.net.URI",
          "java.util.ArrayList",
          "java.util.Currency",
          "java.util.Date",
          "java.util.LinkedHashMap",
          "java.util.LinkedHashSet",
          "java.util.Locale",
          "java.util.TreeMap",
          "java.util.TreeSet",
          "java.util.UUID");

  private static final String TIMES = "java.time.";

  private final List<String> prefixes;
  private final ClassLoader loader;

  /**
   * Allows the classes of {@code packages} and of the packages below them.
   *
   * @param loader finds them
   */
  NamedTypes(Collection<String> packages, ClassLoader loader) {
    this.prefixes = packages.stream().map(name -> name + ".").toList();
    this.loader = loader;
  }

  /**
   * Returns the class by which {@code value} is named. Collections of any class are named by the
   * usual one of their kind, so that no name depends on the JDK.
   *
   * @param hasParts whether a declared type tells what the keys of a map are, and the enums of a
   *     set
   * @throws IllegalArgumentException if it is not allowed; the message says what to do
   */
  Class<?> of(Object value, boolean hasParts) {
    Class<?> type =
        value instanceof Enum<?> constant ? constant.getDeclaringClass() : value.getClass();
    if (isOfPackages(innermost(type).getName())) {
      return type;
    }
    if (value instanceof List) {
      return ArrayList.class;
    }
    if (value instanceof Set) {
      if (!hasParts && value instanceof EnumSet) {
        throw new IllegalArgumentException(
            "an EnumSet loses the type of its enums: put it into a record of your own, or copy it"
                + " into another set");
      }
      return value instanceof SortedSet<?> set && set.comparator() == null
          ? TreeSet.class
          : LinkedHashSet.class;
    }
    if (value instanceof Map<?, ?> map) {
      if (!hasParts && !map.keySet().stream().allMatch(String.class::isInstance)) {
        throw new IllegalArgumentException(
            "a map whose keys are not text loses their types: put it into a record of your own");
      }
      return value instanceof SortedMap<?, ?> sorted && sorted.comparator() == null
          ? TreeMap.class
          : LinkedHashMap.class;
    }
    require(type.getName());
    return type;
  }

  private static Class<?> innermost(Class<?> type) {
    Class<?> inner = type;
    while (inner.isArray()) {
      inner = inner.getComponentType();
    }
    return inner;
  }

  /**
   * Returns the class of that name, not initialized.
   *
   * @throws IllegalArgumentException if it is not allowed, or not there
   */
  Class<?> find(String name) {
    require(name);
    try {
      return Class.forName(name, false, loader);
    } catch (ClassNotFoundException | LinkageError absent) {
      throw new IllegalArgumentException("there is no class " + name, absent);
    }
  }

  private void require(String name) {
    if (!allows(name)) {
      throw new IllegalArgumentException("the class " + name + " is not of an allowed package");
    }
  }

  /** Whether the class of that name is allowed. Takes those of arrays too: they have brackets. */
  boolean allows(String name) {
    String inner = name.replaceFirst("^\\[+L(.*);$", "$1");
    boolean ofPrimitives = name.matches("\\[+[ZBCSIJFD]");
    return ofPrimitives || isOfPackages(inner) || OF_THE_JDK.contains(inner) || isTime(inner);
  }

  private boolean isOfPackages(String name) {
    return prefixes.stream().anyMatch(name::startsWith);
  }

  private static boolean isTime(String name) {
    return name.startsWith(TIMES) && name.indexOf('.', TIMES.length()) < 0;
  }
}
