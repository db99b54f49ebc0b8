package geecache.containers;

import java.io.IOException;
import org.junit.jupiter.api.Tag;

@Tag("heavy")
final class WildFlyIT extends HttpContract implements BeansContract {
  WildFlyIT() throws IOException {
    super(new WildFly("wildfly"));
  }
}
