package geecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every piece of Java in the documents stands in a file that is compiled and run. */
class ReadmeTest {
  private static final Pattern JAVA =
      Pattern.compile("(?:<!-- (\\S+) -->\n)?```java\n(.*?)```", Pattern.DOTALL);

  @Test
  void everyLinkToAFileLeadsThere() throws IOException {
    Matcher links =
        Pattern.compile("\\]\\((?!http)([^)#]+)\\)")
            .matcher(Files.readString(Path.of("README.md")));
    int count = 0;
    while (links.find()) {
      assertThat(Path.of(links.group(1))).exists();
      count++;
    }
    assertThat(count).isGreaterThan(5);
  }

  @ParameterizedTest
  @CsvSource({
    "README.md, 8",
    "docs/code.md, 2",
    "docs/groups.md, 1",
    "docs/spring.md, 2",
    "docs/tls.md, 1",
    "docs/typed.md, 4",
    "docs/metrics.md, 1"
  })
  void everyExampleIsTakenFromCodeThatRuns(Path document, int examplesInIt) throws IOException {
    Matcher examples = JAVA.matcher(Files.readString(document));
    int count = 0;
    while (examples.find()) {
      assertThat(examples.group(1)).as("the source of\n%s", examples.group(2)).isNotNull();
      assertThat(Files.readString(Path.of(examples.group(1)))).contains(examples.group(2));
      count++;
    }
    assertThat(count).isEqualTo(examplesInIt);
  }
}
