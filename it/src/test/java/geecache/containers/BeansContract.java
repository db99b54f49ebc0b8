package geecache.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Groups from CDI, in containers that have it. */
interface BeansContract extends Deployed {

  @Test
  default void aBeanGivesTheNodeAGroup() throws IOException {
    Wars wars = new Wars(container().instance().resolve("wars"));
    container().deploy(wars.beans(), "/beans");

    String tom = "/beans/_geecache/beans/Tom";
    Awaitility.await(tom).atMost(Duration.ofMinutes(1)).until(() -> wire().answers(tom));
    assertThat(wire().get(tom).text()).isEqualTo("Hello, Tom!");
    container().undeploy("/beans");
  }
}
