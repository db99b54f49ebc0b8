package geecache.containers;

import java.io.IOException;
import org.junit.jupiter.api.Tag;

@Tag("heavy")
final class LibertyIT extends HttpContract implements BeansContract {
  LibertyIT() throws IOException {
    super(new Liberty());
  }
}
