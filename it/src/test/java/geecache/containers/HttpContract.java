package geecache.containers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What a node promises over HTTP, whatever the container. The promises stand in the interfaces, by
 * subject; a subclass names a container. One start serves all tests, the container's end last.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class HttpContract
    implements AnswerContract,
        KeyContract,
        BadInputContract,
        BatchContract,
        ChangeContract,
        GroupcacheContract,
        HealthContract,
        LibrariesContract,
        SettingsContract,
        LifecycleContract {
  private final Container container;
  private @Nullable Client client;
  private @Nullable Wire wire;

  HttpContract(Container container) {
    this.container = container;
  }

  @BeforeAll
  void startContainer() throws IOException {
    container.start();
    client = new Client(container.port());
    wire = new Wire(container.port());
    Wars wars = new Wars(container.instance().resolve("wars"));
    deploy(Site.ROOT, Wars.product());
    deploy(Site.SHOP, Wars.product());
    deploy(Site.BLOCKING, wars.blocking());
    deploy(Site.LIBRARY, wars.library());
    deploy(Site.GUARDED, wars.guardedLibrary());
    deploy(Site.DISABLED, wars.disabledLibrary());
    Site.serving().forEach(site -> await(site.node("/scores/Tom")));
    await(Site.GUARDED.at("/loads"));
    await(Site.DISABLED.at("/loads"));
  }

  @AfterAll
  void endContainer() throws IOException {
    container.close();
    if (client != null) {
      client.close();
    }
  }

  @Override
  public Container container() {
    return container;
  }

  @Override
  public Client client() {
    return requireNonNull(client);
  }

  @Override
  public Wire wire() {
    return requireNonNull(wire);
  }

  private void deploy(Site site, Path war) throws IOException {
    container.deploy(war, site.contextPath());
  }

  private void await(String target) {
    Awaitility.await("200 from " + target)
        .atMost(Duration.ofMinutes(2))
        .until(() -> wire().answers(target));
  }
}
