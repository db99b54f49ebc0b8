package geecache.browser;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.containers.AwkwardKeys;
import geecache.containers.ProductSites;
import geecache.internal.ControlCharacters;
import geecache.testing.Fault;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the start page asks the node for, and what it tells of the answers. */
final class StartPageIT extends StartPageTests {
  private static final Pattern MILLIS = Pattern.compile("[\\d.,]+ ms");

  /** What a shell reads inside double quotes. */
  private static final Pattern SHELL = Pattern.compile("[!$`\\\\\"]");

  StartPageIT() throws IOException {
    super("start-page");
  }

  @ParameterizedTest
  @ValueSource(strings = {ProductSites.ROOT, ProductSites.SHOP})
  void pageShowsTheScoresAndComplainsOfNothing(String contextPath) {
    int before = browser().requested().size();

    StartPage page = open(contextPath);

    assertThat(browser().requested())
        .hasSizeGreaterThan(before)
        .satisfies(
            urls ->
                assertThat(urls.subList(before, urls.size()))
                    .allMatch(url -> url.startsWith(origin() + contextPath + "/")));
    assertThat(page.scores())
        .extracting(row -> row.subList(0, 3))
        .containsExactly(
            List.of("Tom", "630", "200 ok"),
            List.of("Jack", "589", "200 ok"),
            List.of("Sam", "567", "200 ok"));
    assertThat(page.scores()).extracting(row -> row.get(3)).allMatch(MILLIS.asMatchPredicate());
    assertThat(browser().driver().getTitle()).isEqualTo("geecache");
    assertThat(page.find("scores-note").isDisplayed()).isFalse();
    assertThat(browser().complaints()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {ProductSites.ROOT, ProductSites.SHOP})
  void lookUpShowsTheValueAndWhatCameWithIt(String contextPath) {
    StartPage page = open(contextPath);

    page.lookUp("scores", "Tom");

    assertThat(page.read("result-summary")).isEqualTo("Key “Tom” of group “scores”: 200 ok.");
    assertThat(page.read("result-preview")).isEqualTo("630");
    assertThat(page.facts())
        .containsEntry("Status code", "200")
        .containsEntry("Geecache-Status", "ok")
        .containsEntry("Body", "3 bytes")
        .containsEntry("Cache-Status", "geecache; hit")
        .hasEntrySatisfying("Time", time -> assertThat(time).matches(MILLIS));
    assertThat(page.find("result-note").isDisplayed()).isFalse();
    assertThat(page.text("curl"))
        .isEqualTo("curl -i \"" + origin() + contextPath + "/_geecache/scores?key=Tom\"");
  }

  @ParameterizedTest
  @CsvSource({
    "scores, kkk, 500 load-failed, kkk not exist, The source could not load this key.",
    "absent, x, 404 no-such-key, no row for x, The source says that there is no such key.",
    "nope, x, 404 no-such-group, no such group: nope, This node has no group of that name.",
    "scores, '', 400 bad-request, key is required, The request breaks a rule.",
    "'', x, 404 no-such-group, no such group:, This node has no group of that name.",
  })
  void lookUpThatFailsShowsTheMessageOfTheNode(
      String group, String key, String answer, String message, String advice) {
    StartPage page = open(ProductSites.GROUPS);

    page.lookUp(group, key);

    assertThat(page.read("result-summary")).endsWith(": " + answer + ".");
    assertThat(page.read("result-preview").strip()).isEqualTo(message);
    assertThat(page.read("result-note")).startsWith(advice);
  }

  @Test
  void failureThatIsNotForClientsShowsAnIdAndNoMore() {
    StartPage page = open(ProductSites.GROUPS);

    page.lookUp("broken", "x");

    assertThat(page.read("result-preview")).matches("load failed: [0-9a-z-]+");
    assertThat(page.read("result-note")).contains("the node’s log has the cause");
  }

  @Test
  void anyKeyArrivesAsItWasMeant() {
    StartPage page = open(ProductSites.GROUPS);
    List<String> keys = AwkwardKeys.all();
    int most = Integer.getInteger("browser.keys", keys.size()); // From all kinds of them.
    for (int i = 0; i < most; i++) {
      String key = keys.get(i * keys.size() / most);
      page.lookUpPasted("echo", key);

      List<String> asked = askedOf(ProductSites.GROUPS, "echo?key=");
      String url = asked.get(asked.size() - 1);
      assertThat(URLDecoder.decode(url.substring(url.indexOf('=') + 1), UTF_8)).isEqualTo(key);
      assertThat(page.text("curl")).isEqualTo("curl -i \"" + url + "\"");
      assertThat(url).doesNotContainPattern(SHELL);
      assertThat(page.facts()).as(AwkwardKeys.printable(key)).containsEntry("Status code", "200");
      if (ControlCharacters.escape(key).equals(key)) { // Else the page escapes it as the node does.
        assertThat(page.text("result-preview")).isEqualTo(key);
      }
    }
  }

  @Test
  void keyIsShownAsTextAndNeverAsMarkup() {
    StartPage page = open(ProductSites.GROUPS);
    String key = "<img src=taken onerror=\"document.title='taken'\"><b>b</b>";

    page.lookUp("echo", key);

    assertThat(page.text("result-preview")).isEqualTo(key);
    assertThat(browser().driver().getTitle()).isEqualTo("geecache");
    assertThat(browser().requested()).noneMatch(url -> url.endsWith("/taken"));
  }

  @Test
  void bytesThatAreNoTextAreShownInHexadecimal() {
    StartPage page = open(ProductSites.GROUPS);

    page.lookUpPasted("echo", "a\0b");

    assertThat(page.read("result-preview")).matches("0000 +61 00 62 +a\\.b");
    assertThat(page.read("result-preview-title")).contains("hexadecimal");
  }

  @Test
  void examplesAreLookedUpByAClick() {
    StartPage page = open(ProductSites.ROOT);

    browser().driver().executeScript("document.querySelector('#next [data-key=kkk]').click()");
    page.awaitResult();
    assertThat(page.read("result-preview")).isEqualTo("kkk not exist");

    browser().driver().executeScript("document.querySelector('#next [data-key^=\"../\"]').click()");
    page.awaitResult();
    assertThat(page.read("result-preview")).isEqualTo("../a;b%2F\\r\\n<script> not exist");
  }

  @Test
  void nodeThatIsGoneIsToldAndFoundAgain() {
    StartPage page = open(ProductSites.ROOT);
    answerKeysWith(Fault.REFUSE);

    page.lookUp("scores", "Tom");
    page.click("scores-again");
    page.awaitScores();

    assertThat(page.read("result-summary")).endsWith(": no answer.");
    assertThat(page.read("result-note")).startsWith("No answer.").contains("node is stopped");
    assertThat(page.find("result-answer").isDisplayed()).isFalse();
    assertThat(page.scores()).extracting(row -> row.get(2)).containsOnly("no answer");
    assertThat(page.read("scores-note")).startsWith("No answer.");

    answerKeysWith(Fault.PASS);
    page.lookUp("scores", "Tom");
    page.click("scores-again");
    page.awaitScores();

    assertThat(page.read("result-preview")).isEqualTo("630");
    assertThat(page.find("result-note").isDisplayed()).isFalse();
    assertThat(page.scores()).extracting(row -> row.get(1)).containsExactly("630", "589", "567");
    assertThat(page.find("scores-note").isDisplayed()).isFalse();
  }

  @Test
  void nodeThatKeepsSilentIsToldWhileItIsWaitedFor() {
    StartPage page = open(ProductSites.ROOT);
    answerKeysWith(Fault.SILENT);

    page.type("key", "Tom");
    page.click("lookup-submit");
    browser().await("a note", "return !document.getElementById('result-note').hidden");

    assertThat(page.read("result-note")).startsWith("No answer yet.");
    assertThat(page.find("result").getAttribute("aria-busy")).isEqualTo("true");

    answerKeysWith(Fault.PASS);
    page.lookUp("scores", "Sam");

    assertThat(page.read("result-preview")).isEqualTo("567");
    assertThat(page.find("result-note").isDisplayed()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(names = {"NOT_FOUND_PAGE", "BAD_GATEWAY_PAGE", "LOGIN_PAGE", "REDIRECT"})
  void answerOfSomebodyElseIsNotTakenForTheNodes(Fault fault) {
    StartPage page = open(ProductSites.SHOP);
    answerKeysWith(fault);

    page.lookUp("scores", "Tom");

    assertThat(page.read("result-note")).startsWith("This answer is not geecache’s.");
    assertThat(page.facts()).containsEntry("Geecache-Status", "none");
  }

  @Test
  void answerThatBreaksOffIsNoValue() {
    StartPage page = open(ProductSites.SHOP);
    answerKeysWith(Fault.HALF_BODY);

    page.lookUp("scores", "Tom");

    assertThat(page.read("result-note")).startsWith("The answer broke off.");
  }

  @Test
  void laterLookUpIsNotOverwrittenByAnEarlierOne() {
    StartPage page = open(ProductSites.ROOT);
    sites().front().onlyFor(request -> request.requestLine().contains("key=Jack"));
    sites().front().become(Fault.SILENT);
    page.type("key", "Jack");
    page.click("lookup-submit");

    page.lookUp("scores", "Sam");
    sites().front().become(Fault.PASS); // Ends the connection of the earlier one.
    page.click("scores-again");
    page.awaitScores();

    assertThat(page.read("result-summary")).isEqualTo("Key “Sam” of group “scores”: 200 ok.");
    assertThat(page.read("result-preview")).isEqualTo("567");
  }

  @Test
  void exampleThatIsSwitchedOffIsTold() {
    StartPage page = open(ProductSites.PLAIN);

    assertThat(page.read("scores-note"))
        .startsWith("The example is switched off on this node.")
        .contains("geecache.demo");
    assertThat(page.find("scores-table").isDisplayed()).isFalse();
    assertThat(page.find("next").isDisplayed()).isFalse();
  }

  @Test
  void nodeThatWantsItsSecretIsToldAndHowToShowIt() {
    StartPage page = open(ProductSites.GUARDED);

    assertThat(page.scores()).extracting(row -> row.get(2)).containsOnly("401 unauthorized");
    assertThat(page.read("scores-note")).startsWith("This node wants its secret.");

    page.lookUp("scores", "Tom");

    assertThat(page.read("result-note"))
        .startsWith("This node wants its secret.")
        .contains("Authorization: Bearer", "geecache.public-reads");
  }

  @Test
  void nodeUnderAContextPathIsOperated() {
    OperatorPage operator = new OperatorPage(browser());
    operator.enter(origin() + ProductSites.GUARDED + "/", ProductSites.SECRET);
    page().awaitScores();

    assertThat(page().scores()).extracting(row -> row.get(1)).containsExactly("630", "589", "567");
    operator.lookUp("scores", "Tom");
    assertThat(operator.texts("#holders .holder")).singleElement().asString().contains("owned");
    assertThat(operator.texts("#cards h3")).containsExactly("scores");
  }

  @Test
  void nodeWithoutASecretSaysThatItTellsNothing() {
    StartPage page = open(ProductSites.ROOT);
    browser().await("a word", "return !document.getElementById('without-secret').hidden");

    assertThat(page.read("without-secret")).startsWith("This node has no secret");
    assertThat(page.find("sign-in").isDisplayed()).isFalse();
    assertThat(page.find("operator").isDisplayed()).isFalse();
  }

  @Test
  void commandIsCopied() {
    StartPage page = open(ProductSites.SHOP);
    browser().allowClipboard();

    browser().driver().executeScript("document.querySelector('[data-copy=curl]').click()");
    browser().await("the copy", "return document.getElementById('announce').textContent !== ''");

    assertThat(page.text("announce")).isEqualTo("Copied.");
    assertThat(browser().clipboard()).isEqualTo(page.text("curl"));
  }
}
