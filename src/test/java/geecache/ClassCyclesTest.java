package geecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassCyclesTest {

  @ParameterizedTest
  @CsvSource({
    "'', '[]'",
    "a-b b-c a-c, '[]'",
    "a-b b-a, '[[a, b]]'",
    "a-b b-c c-a c-d, '[[a, b, c]]'",
    "a-b b-a b-c c-d d-c, '[[c, d], [a, b]]'",
    "a-b b-c c-b d-a, '[[b, c]]'",
    "a-b a-c b-d c-d d-a, '[[a, b, c, d]]'",
    "a-b b-c c-a d-b d-e e-d, '[[a, b, c], [d, e]]'",
    "a-b b-c c-d d-b c-a, '[[a, b, c, d]]'",
  })
  void areSetsInWhichEachReachesEach(String uses, String cycles) {
    assertThat(ClassCycles.of(parsed(uses))).hasToString(cycles);
  }

  private static Map<String, SortedSet<String>> parsed(String uses) {
    return List.of(uses.split(" ")).stream()
        .filter(use -> !use.isEmpty())
        .collect(
            Collectors.groupingBy(
                use -> use.substring(0, 1),
                TreeMap::new,
                Collectors.mapping(
                    use -> use.substring(2), Collectors.toCollection(TreeSet::new))));
  }

  /** {@code HashMap.TreeNode} is a {@code LinkedHashMap.Entry}, and that a {@code HashMap.Node}. */
  @Test
  void aNestedClassCountsAsTheClassAroundIt() throws Exception {
    Class<?> node = Class.forName("java.util.HashMap$TreeNode");
    Class<?> entry = Class.forName("java.util.LinkedHashMap$Entry");
    assertThat(ClassCycles.in(new ClassFileImporter().importClasses(node, entry), "java.util"))
        .containsExactly(new TreeSet<>(List.of("HashMap", "LinkedHashMap")));
  }

  @Test
  void aPackageWithoutClassesIsAMistake() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> ClassCycles.in(new ClassFileImporter().importClasses(List.class), "java.utils"));
  }
}
