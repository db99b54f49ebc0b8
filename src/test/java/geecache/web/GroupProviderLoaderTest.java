package geecache.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import geecache.Geecache;
import geecache.Group;
import geecache.GroupProvider;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupProviderLoaderTest {
  @TempDir private Path directory;
  private final Geecache node = new Geecache();

  /** Registers {@code first}. */
  public static final class First implements GroupProvider {
    /** Made by the service loader. */
    public First() {}

    @Override
    public void register(Geecache node) {
      node.newGroup("first", 1 << 20, key -> key.getBytes(UTF_8));
    }
  }

  /** Registers {@code second}, and looks for what was there before. */
  public static final class Second implements GroupProvider {
    /** Made by the service loader. */
    public Second() {}

    @Override
    public void register(Geecache node) {
      assertThat(node.find("first")).isPresent();
      node.newGroup("second", 1 << 20, key -> key.getBytes(UTF_8));
    }
  }

  /** Has no database. */
  public static final class Failing implements GroupProvider {
    /** Made by the service loader. */
    public Failing() {}

    @Override
    public void register(Geecache node) throws IOException {
      throw new IOException("no database");
    }
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void registerTheirGroupsInTheirOrder() throws Exception {
    try (URLClassLoader application = application(First.class, Second.class)) {
      GroupProviderLoader.register(node, application);
    }

    assertThat(node.groups()).extracting(Group::name).containsExactlyInAnyOrder("first", "second");
  }

  @Test
  void aProviderThatFailsIsNamed() throws Exception {
    try (URLClassLoader application = application(Failing.class)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> GroupProviderLoader.register(node, application))
          .withMessage("group provider " + Failing.class.getName() + " failed: no database")
          .withCauseInstanceOf(IOException.class);
    }
  }

  @Test
  void aProviderThatIsNoneIsNamed() throws Exception {
    try (URLClassLoader application = application(GroupProviderLoaderTest.class)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> GroupProviderLoader.register(node, application))
          .withMessageContaining(
              "geecache.GroupProvider: geecache.web.GroupProviderLoaderTest not a subtype");
    }
  }

  private URLClassLoader application(Class<?>... providers) throws IOException {
    Path services = Files.createDirectories(directory.resolve("META-INF/services"));
    StringBuilder names = new StringBuilder();
    for (Class<?> provider : providers) {
      names.append(provider.getName()).append('\n');
    }
    Files.writeString(services.resolve(GroupProvider.class.getName()), names);
    return new URLClassLoader(
        new URL[] {directory.toUri().toURL()}, GroupProviderLoaderTest.class.getClassLoader());
  }
}
