package geecache.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {
  private static final Instant TAKEN = Instant.ofEpochMilli(1_700_000_000_123L);
  private static final KeyFile SOME =
      new KeyFile(TAKEN, List.of("a", "k/ü\n", "\uD83D\uDE00", "x".repeat(2048)));

  @TempDir Path directory;
  private Path place;

  @BeforeEach
  void choosePlace() {
    place = directory.resolve("users.keys");
  }

  @Test
  void keysAreReadInTheOrderInWhichTheyWereWritten() throws Exception {
    assertThat(SOME.write(place, "users")).isEqualTo(4);
    assertThat(KeyFile.read(place, "users")).isEqualTo(SOME);
  }

  @Test
  void aFileMayHaveNoKeys() throws Exception {
    KeyFile none = new KeyFile(TAKEN, List.of());
    none.write(place, "users");
    assertThat(KeyFile.read(place, "users")).isEqualTo(none);
  }

  @Test
  void aFileReplacesTheFormerOne() throws Exception {
    SOME.write(place, "users");
    KeyFile later = new KeyFile(TAKEN.plusSeconds(1), List.of("b"));
    later.write(place, "users");
    assertThat(KeyFile.read(place, "users")).isEqualTo(later);
  }

  @Test
  void nobodyElseMayReadIt() throws Exception {
    SOME.write(place, "users");
    assumeTrue(Files.getFileStore(place).supportsFileAttributeView("posix"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place)))
        .isEqualTo("rw-------");
  }

  @Test
  void aFileThatCannotBeWrittenLeavesTheFormerOne() throws Exception {
    SOME.write(place, "users");
    Files.createDirectories(directory.resolve("users.keys.new").resolve("in the way"));
    assertThatThrownBy(() -> new KeyFile(TAKEN, List.of("b")).write(place, "users"))
        .isInstanceOf(IOException.class);
    assertThat(KeyFile.read(place, "users")).isEqualTo(SOME);
  }

  @Test
  void whatAKilledProcessWroteHalfIsReplaced() throws Exception {
    Files.write(directory.resolve("users.keys.new"), new byte[] {1, 2, 3});
    SOME.write(place, "users");
    assertThat(KeyFile.read(place, "users")).isEqualTo(SOME);
    assertThat(directory).isDirectoryNotContaining("glob:**.new");
  }

  @Test
  void noFileIsNoDamage() {
    assertThatThrownBy(() -> KeyFile.read(place, "users")).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void theKeysOfAnotherGroupAreRefused() throws Exception {
    SOME.write(place, "orders");
    assertBad("its keys are those of group orders");
  }

  @Test
  void anotherFormatIsRefused() throws Exception {
    SOME.write(place, "users");
    byte[] bytes = Files.readAllBytes(place);
    bytes[7] = 2;
    Files.write(place, bytes);
    assertBad("it is no file of keys in a format that this release knows");
  }

  @Test
  void aFileThatIsCutAnywhereIsRefused() throws Exception {
    SOME.write(place, "users");
    byte[] bytes = Files.readAllBytes(place);
    for (int length = 0; length < bytes.length; length++) {
      assertRefused(Arrays.copyOf(bytes, length), length + " bytes");
    }
  }

  @Test
  void aFileWithMoreBehindItIsRefused() throws Exception {
    SOME.write(place, "users");
    byte[] bytes = Files.readAllBytes(place);
    Files.write(place, Arrays.copyOf(bytes, bytes.length + 1));
    assertBad("it is damaged: its checksum is wrong");
  }

  @Test
  void aFileWithAnyOtherBitIsRefused() throws Exception {
    new KeyFile(TAKEN, IntStream.range(0, 20).mapToObj(i -> "key-" + i).toList())
        .write(place, "users");
    byte[] bytes = Files.readAllBytes(place);
    for (int bit = 0; bit < 8 * bytes.length; bit++) {
      byte[] damaged = bytes.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      assertRefused(damaged, "bit " + bit);
    }
  }

  @Test
  void randomBytesAreRefused() {
    Random random = new Random(1);
    byte[] begin = {'g', 'e', 'e', 'k', 'e', 'y', 's', 1, 0, 5, 'u', 's', 'e', 'r', 's'};
    for (int i = 0; i < 1_000; i++) {
      byte[] bytes = new byte[random.nextInt(100)];
      random.nextBytes(bytes);
      if (bytes.length > begin.length) {
        System.arraycopy(begin, 0, bytes, 0, begin.length);
      }
      assertRefused(bytes, "round " + i);
    }
  }

  private static void assertRefused(byte[] bytes, String what) {
    assertThatThrownBy(() -> KeyFile.read(new ByteArrayInputStream(bytes), "users"))
        .as(what)
        .isInstanceOf(KeyFile.BadFileException.class);
  }

  private void assertBad(String message) {
    assertThatThrownBy(() -> KeyFile.read(place, "users"))
        .isInstanceOf(KeyFile.BadFileException.class)
        .hasMessage(message);
  }
}
