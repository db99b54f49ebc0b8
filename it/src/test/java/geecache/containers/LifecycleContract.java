package geecache.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The end of an application, and that of its container. The last of the tests. */
interface LifecycleContract extends Deployed {

  /** Whoever asked, left or was cut off before this. */
  @Test
  @Order(Integer.MAX_VALUE - 2)
  default void noThreadOfANodeDiedOfAnException() {
    assertThat(container().output()).doesNotContain("Exception in thread \"geecache");
  }

  @Test
  @Order(Integer.MAX_VALUE - 1)
  default void anUndeployedNodeAnswersNoMore() throws IOException {
    for (Site site : List.of(Site.BLOCKING, Site.LIBRARY)) {
      container().undeploy(site.contextPath());
    }
    for (Site site : List.of(Site.BLOCKING, Site.LIBRARY)) {
      Awaitility.await(site + " to be undeployed")
          .atMost(Duration.ofMinutes(1))
          .ignoreExceptions()
          .until(() -> isGone(wire().get(site.node("/scores/Tom"))));
    }
    for (Site site : List.of(Site.ROOT, Site.SHOP)) {
      Answer answer = wire().get(site.node("/scores/Tom"));
      assertThat(answer.text()).as("%s", answer).isEqualTo("630");
    }
  }

  /** Payara answers 503 while it undeploys. */
  private static boolean isGone(Answer answer) {
    return !answer.isOurs() && answer.code() == 404;
  }

  @Test
  @Order(Integer.MAX_VALUE)
  default void aStoppedContainerLeavesNoProcess() {
    List<ProcessHandle> processes = container().processes();
    assertThat(processes).isNotEmpty().allMatch(ProcessHandle::isAlive);
    container().close();
    assertThat(processes).noneMatch(ProcessHandle::isAlive);
    assertThat(wire().answers(Site.ROOT.node("/scores/Tom"))).isFalse();
  }
}
