package geecache.containers;

import java.io.IOException;
import org.junit.jupiter.api.Tag;

@Tag("heavy")
final class PayaraMicroIT extends HttpContract implements BeansContract {
  PayaraMicroIT() throws IOException {
    super(new PayaraMicro());
  }
}
