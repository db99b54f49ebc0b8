package geecache.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A run depends on its seed, and on nothing that differs between two JVMs. */
class RepeatedRunTest {
  private static final int SEEDS = 20;
  private static final int OPERATIONS = 200;

  @Test
  void aSeedIsTheSameRunInAnotherJvm() throws Exception {
    Process other = start();
    List<String> here = Fingerprints.of(SEEDS, OPERATIONS);
    String there = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(other.waitFor()).as(there).isZero();
    assertThat(there.lines()).hasSize(SEEDS).isEqualTo(here).doesNotHaveDuplicates();
  }

  /** Starts a JVM that hashes objects in another way, and has virtual threads if it can. */
  private static Process start() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UnlockExperimentalVMOptions", "-XX:hashCode=0"));
    command.addAll(List.of("--add-opens", "java.base/java.lang=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Fingerprints.class.getName(), "" + SEEDS, "" + OPERATIONS));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }
}
