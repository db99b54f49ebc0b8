package geecache;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/**
 * Loggers find the class and the method that speak on the stack. So the class that speaks has to
 * make the call itself, in a method with a name, on a logger of its own name.
 */
class LogCallsTest {
  private static final Set<String> LEVELS = Set.of("trace", "debug", "info", "warn", "error");

  /** Classes that speak for the one that their users know. */
  private static final Map<String, String> SPEAKERS_FOR =
      Map.of("PostgresInvalidationBuilder.class", "PostgresInvalidation.class");

  private static final Pattern MADE = Pattern.compile("getLogger\\(([^)]*)\\)");

  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("geecache");

  @Test
  void aMethodThatSpeaksMakesTheCallItself() {
    assertThat(
            PRODUCT.stream()
                .flatMap(type -> type.getMethodReferencesFromSelf().stream())
                .filter(reference -> isLogger(reference.getTarget()))
                .map(reference -> reference.getOrigin().getFullName()))
        .isEmpty();
    assertThat(
            speaking()
                .map(JavaMethodCall::getOrigin)
                .filter(speaker -> LEVELS.contains(speaker.getName()))
                .filter(
                    speaker ->
                        speaker.getRawParameterTypes().stream()
                            .allMatch(type -> type.isEquivalentTo(String.class)))
                .map(JavaCodeUnit::getFullName))
        .isEmpty();
  }

  @Test
  void nobodySpeaksInALambda() {
    assertThat(
            speaking()
                .filter(JavaMethodCall::isDeclaredInLambda)
                .map(JavaMethodCall::getOrigin)
                .map(JavaCodeUnit::getFullName))
        .isEmpty();
  }

  @Test
  void eachLoggerHasTheNameOfItsClass() throws IOException {
    int found = 0;
    try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        List<String> made =
            MADE.matcher(Files.readString(file)).results().map(result -> result.group(1)).toList();
        String type = file.getFileName().toString().replace(".java", ".class");
        assertThat(made).as("%s", file).allMatch(SPEAKERS_FOR.getOrDefault(type, type)::equals);
        found += made.size();
      }
    }
    assertThat(found).isGreaterThan(20);
  }

  private static Stream<JavaMethodCall> speaking() {
    return PRODUCT.stream()
        .flatMap(type -> type.getMethodCallsFromSelf().stream())
        .filter(call -> isLogger(call.getTarget()));
  }

  private static boolean isLogger(AccessTarget target) {
    return target.getOwner().isEquivalentTo(Logger.class) && LEVELS.contains(target.getName());
  }
}
