package geecache.browser;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.containers.ProductSites;
import geecache.testing.Fault;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * One Tomcat and one browser for all tests of a class. What none of them may cause is looked for
 * after each.
 */
@Tag("browser")
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class StartPageTests {
  private final ProductSites sites;
  private @Nullable Browser browser;

  StartPageTests(String name) throws IOException {
    sites = new ProductSites(name);
  }

  @BeforeAll
  void start() throws IOException {
    browser = Browser.start();
    sites.start();
  }

  @AfterAll
  void end() {
    if (browser != null) {
      browser.close();
    }
    sites.close();
  }

  @BeforeEach
  void beWell() {
    sites.front().become(Fault.PASS);
    browser().wide();
    browser().scheme("light");
    browser().complaints();
  }

  /**
   * That an answer is no {@code 200} Chromium writes to its console; nothing else may stand there.
   */
  @AfterEach
  void noComplaintsAndNoRequestElsewhere() {
    assertThat(browser().complaints())
        .allSatisfy(complaint -> assertThat(complaint).contains("Failed to load resource"));
    assertThat(browser().requested())
        .isNotEmpty()
        .allSatisfy(url -> assertThat(url).startsWith(sites.origin() + "/"));
  }

  final Browser browser() {
    if (browser == null) {
      throw new IllegalStateException("not started");
    }
    return browser;
  }

  final StartPage page() {
    return new StartPage(browser());
  }

  /** Opens the page of an application: one of the paths in {@link ProductSites}. */
  final StartPage open(String contextPath) {
    StartPage page = page();
    page.open(sites.origin() + contextPath + "/");
    return page;
  }

  final ProductSites sites() {
    return sites;
  }

  final String origin() {
    return sites.origin();
  }

  /** Misbehaves from now on towards what asks for keys; the page itself can be had. */
  final void answerKeysWith(Fault fault) {
    sites.front().onlyFor(request -> request.requestLine().contains("/_geecache/"));
    sites.front().become(fault);
  }

  /** Returns the requests for keys of {@code group}, of all pages until now. */
  final List<String> askedOf(String contextPath, String group) {
    String start = sites.origin() + contextPath + "/_geecache/" + group;
    return browser().requested().stream().filter(url -> url.startsWith(start)).toList();
  }
}
