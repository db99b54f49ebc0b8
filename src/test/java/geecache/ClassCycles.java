package geecache;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds cycles of classes inside a package: sets of top-level classes, each of which can be reached
 * from each other one of the set. A nested class counts as the class around it.
 */
final class ClassCycles {
  private final Map<String, SortedSet<String>> uses;
  private final List<SortedSet<String>> cycles = new ArrayList<>();

  /** In the order of their first visit. */
  private final Map<String, Integer> visited = new HashMap<>();

  /** The first visited class that each can reach, as far as is known. */
  private final Map<String, Integer> reaches = new HashMap<>();

  /** Classes that may yet turn out to be in a cycle with one that is being visited. */
  private final Deque<String> open = new ArrayDeque<>();

  private ClassCycles(Map<String, SortedSet<String>> uses) {
    this.uses = uses;
  }

  /**
   * Returns the cycles among those of {@code classes} that are in {@code packageName} itself; each
   * is the simple names of its classes, in order.
   *
   * @throws IllegalArgumentException if none of {@code classes} is in the package
   */
  static List<SortedSet<String>> in(JavaClasses classes, String packageName) {
    Map<String, SortedSet<String>> uses = new TreeMap<>();
    for (JavaClass each : classes) {
      if (each.getPackageName().equals(packageName)) {
        Set<String> targets = uses.computeIfAbsent(topLevel(each), name -> new TreeSet<>());
        each.getDirectDependenciesFromSelf().stream()
            .map(dependency -> dependency.getTargetClass().getBaseComponentType())
            .filter(target -> target.getPackageName().equals(packageName))
            .map(ClassCycles::topLevel)
            .filter(target -> !target.equals(topLevel(each)))
            .forEach(targets::add);
      }
    }
    if (uses.isEmpty()) {
      throw new IllegalArgumentException("no class is in package " + packageName);
    }
    return of(uses);
  }

  /** Returns the strongly connected components of more than one element (Tarjan, 1972). */
  static List<SortedSet<String>> of(Map<String, SortedSet<String>> uses) {
    ClassCycles found = new ClassCycles(uses);
    for (String name : uses.keySet()) {
      if (!found.visited.containsKey(name)) {
        found.visit(name);
      }
    }
    return found.cycles;
  }

  private void visit(String name) {
    int order = visited.size();
    visited.put(name, order);
    reaches.put(name, order);
    open.push(name);
    for (String used : uses.getOrDefault(name, new TreeSet<>())) {
      if (!visited.containsKey(used)) {
        visit(used);
        reaches.merge(name, reaches.get(used), Math::min);
      } else if (open.contains(used)) {
        reaches.merge(name, visited.get(used), Math::min);
      }
    }
    if (reaches.get(name) == order) {
      close(name);
    }
  }

  /** Takes the classes that are reached from {@code first} and reach it. */
  private void close(String first) {
    SortedSet<String> cycle = new TreeSet<>();
    String last;
    do {
      last = open.pop();
      cycle.add(last);
    } while (!last.equals(first));
    if (cycle.size() > 1) {
      cycles.add(cycle);
    }
  }

  private static String topLevel(JavaClass type) {
    return type.getName().substring(type.getPackageName().length() + 1).replaceFirst("\\$.*", "");
  }
}
