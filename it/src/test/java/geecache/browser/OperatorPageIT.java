package geecache.browser;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.containers.OperatedNodes;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.interactions.Actions;

/** The operator's page of three real nodes. */
@Tag("browser")
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OperatorPageIT {
  private static final String SECRET = OperatedNodes.SECRET;
  private static final String MARKUP =
      "<img src=taken onerror=\"document.title='taken'\"><script>document.title='taken'</script>";

  private final OperatedNodes nodes = new OperatedNodes("operator-page");
  private @Nullable Browser browser;

  OperatorPageIT() throws IOException {}

  @BeforeAll
  void start() throws IOException {
    browser = Browser.start();
    nodes.start();
  }

  @AfterAll
  void end() {
    if (browser != null) {
      browser.close();
    }
    nodes.close();
  }

  @BeforeEach
  void beWell() {
    browser().wide();
    browser().scheme("light");
    browser().complaints();
  }

  /**
   * An answer that is no {@code 200}, and none at all, Chromium writes to its console; nothing else
   * may stand there, such as what the policy of the page forbids.
   */
  @AfterEach
  void noComplaintsAndNoRequestElsewhere() {
    assertThat(browser().complaints())
        .allSatisfy(complaint -> assertThat(complaint).contains("Failed to load resource"));
    assertThat(browser().requested())
        .isNotEmpty()
        .allSatisfy(url -> assertThat(url).startsWith(nodes.url(0) + "/"));
  }

  private Browser browser() {
    if (browser == null) {
      throw new IllegalStateException("not started");
    }
    return browser;
  }

  private StartPage page() {
    return new StartPage(browser());
  }

  private OperatorPage operator() {
    return new OperatorPage(browser());
  }

  private OperatorPage entered() {
    OperatorPage operator = operator();
    operator.enter(nodes.url(0) + "/", SECRET);
    return operator;
  }

  private static String key(String name) {
    return name + "-" + System.identityHashCode(new Object());
  }

  /** Returns a key that {@code owner} owns, as the page says. */
  private String keyOf(OperatorPage operator, int owner) {
    for (int i = 0; ; i++) {
      String key = key("k" + i);
      operator.lookUp("echo", key);
      if (operator.marks(nodes.url(owner)).contains("owner")) {
        return key;
      }
    }
  }

  @Test
  void nothingIsShownToWhoeverHasNoSecret() {
    int before = browser().requested().size();
    operator().open(nodes.url(0) + "/");

    assertThat(page().find("operator").isDisplayed()).isFalse();
    assertThat(page().find("operations").isDisplayed()).isFalse();
    List<String> requested = browser().requested();
    assertThat(requested.subList(before, requested.size()))
        .isNotEmpty()
        .noneMatch(url -> url.contains("/_cluster/"));
  }

  @Test
  void aWrongSecretIsToldInClearWords() {
    OperatorPage operator = operator();
    operator.open(nodes.url(0) + "/");
    for (String wrong : List.of("a-secret-that-is-wrong", "short", "umläute sind auch keine")) {
      operator.signIn(wrong);
      operator.awaitText("sign-in-note", "That is not the secret of this node.");
      assertThat(page().find("operator").isDisplayed()).isFalse();
    }
    assertThat(stored("sessionStorage")).isEmpty();
  }

  @Test
  void signsInForThisTabAndOut() {
    entered();
    browser().driver().navigate().refresh();
    operator().awaitNodes();
    assertThat(stored("localStorage")).isEmpty();
    assertThat(browser().driver().manage().getCookies()).isEmpty();

    String tab = browser().driver().getWindowHandle();
    browser().driver().switchTo().newWindow(WindowType.TAB);
    browser().driver().get(nodes.url(0) + "/");
    browser().await("the form", "return !document.getElementById('sign-in').hidden");
    browser().driver().close();
    browser().driver().switchTo().window(tab);

    page().click("sign-out");

    assertThat(page().find("sign-in").isDisplayed()).isTrue();
    assertThat(page().find("operator").isDisplayed()).isFalse();
    assertThat(page().find("sign-out").isDisplayed()).isFalse();
    assertThat(stored("sessionStorage")).isEmpty();
    assertThat(page().text("operator")).doesNotContain(nodes.url(1), "echo");
    page().awaitScores();
    assertThat(page().scores()).extracting(row -> row.get(2)).containsOnly("401 unauthorized");
  }

  private String stored(String storage) {
    Object keys = browser().driver().executeScript("return Object.keys(" + storage + ").join()");
    return String.valueOf(keys);
  }

  @Test
  void theSecretStandsNowhereOnThePage() {
    OperatorPage operator = entered();
    operator.lookUp("echo", "Tom");

    assertThat(page().text("curl"))
        .isEqualTo(
            "curl -i -H \"Authorization: Bearer $SECRET\" \""
                + nodes.url(0)
                + "/_geecache/echo?key=Tom\"");
    Object html = browser().driver().executeScript("return document.documentElement.outerHTML");
    assertThat(String.valueOf(html)).doesNotContain(SECRET);
    assertThat(browser().requested()).noneMatch(url -> url.contains(SECRET));
  }

  @Test
  void theRingShowsEachNodeWithItsShare() {
    OperatorPage operator = entered();

    assertThat(operator.texts("#nodes .node")).hasSize(3);
    for (String url : nodes.urls()) {
      operator.awaitState(url, "up");
      assertThat(operator.node(url)).containsPattern("3\\d(\\.\\d)?\\s% of the keys");
    }
    assertThat(operator.node(nodes.url(0))).contains("this node");
    assertThat(page().find("ring").findElements(By.cssSelector("path"))).hasSize(3);
    assertThat(browser().driver().findElement(By.cssSelector("#ring svg")).getAccessibleName())
        .contains(nodes.urls());
  }

  @Test
  void eachGroupHasACardWhoseFiguresMove() throws IOException {
    OperatorPage operator = entered();
    assertThat(operator.texts("#cards h3")).contains("absent", "broken", "echo", "scores");
    String key = key("moving");
    nodes.get(1, "echo", key, 2);
    nodes.get(2, "broken", key, 1);

    browser().await("gets", cardHas("echo", "Gets a second", "[1-9]"));
    browser().await("a hit rate", cardHas("echo", "Without the source", "%"));
    browser().await("a line", lineOf("echo"));
    browser().await("a failure", cardHas("broken", "loads failed", "[1-9]\\\\d* loads failed"));
    browser().await("the hot key", tableHas("hot", key));
    browser().await("the slow load", tableHas("slow", key));
  }

  private static String cardHas(String group, String part, String pattern) {
    return """
    const card = document.querySelector('[aria-label="Group %s"]');
    return [...card.querySelectorAll('.figure, .events')].some((e) =>
        e.innerText.includes('%s') && new RegExp('%s').test(e.innerText));
    """
        .formatted(group, part, pattern);
  }

  private static String lineOf(String group) {
    return """
    return /L/.test(document.querySelector('[aria-label="Group %s"] .chart .line').getAttribute('d'));
    """
        .formatted(group);
  }

  private static String tableHas(String table, String key) {
    return "return document.getElementById('%s').innerText.includes('%s')".formatted(table, key);
  }

  @Test
  void aKeyIsShownOwnedAndCopiedWhereItIs() throws IOException {
    OperatorPage operator = entered();
    String key = keyOf(operator, 1);
    Awaitility.await("a copy")
        .atMost(Duration.ofMinutes(1))
        .until(
            () -> {
              nodes.get(2, "echo", key, 100);
              operator.inspect();
              return operator.marks(nodes.url(2)).contains("copy");
            });

    assertThat(page().read("inspector-summary")).startsWith(nodes.url(1) + " owns the key.");
    assertThat(operator.marks(nodes.url(1))).containsExactly("owner", "owned");
    assertThat(operator.holder(nodes.url(1))).contains("ETag", "no end");
    assertThat(operator.holder(nodes.url(2)))
        .contains("A copy of a popular value that another node keeps.", "Served here for");
  }

  @Test
  void toInspectAKeyLoadsNothing() throws IOException {
    OperatorPage operator = entered();
    String key = key("cold");
    page().type("group", "echo");
    page().type("key", key);

    operator.inspect();

    assertThat(page().read("inspector-summary")).contains("No node that answers holds a value.");
    assertThat(operator.texts("#holders .holder")).hasSize(3).allMatch(h -> h.contains("nothing"));
    assertThat(browser().requested()).noneMatch(url -> url.contains("/_geecache/echo?key=" + key));
  }

  @Test
  void whereAnAnswerCameFromIsToldInWords() {
    OperatorPage operator = entered();
    String key = keyOf(operator, 0);
    page().lookUp("echo", key);
    assertThat(page().read("result-words")).isEqualTo("The value was in this node’s memory.");

    String cold = keyOf(operator, 2);
    assertThat(cold).isNotEmpty();
    assertThat(page().read("result-words"))
        .isIn(
            "The value was not in this node’s memory: another node gave it.",
            "The value was not in this node’s memory: it was loaded from the source."
                + " It is in this node’s memory now.",
            "The value was not in this node’s memory: another node gave it."
                + " It is in this node’s memory now.");
  }

  @Test
  void aKeyIsRemovedOnAllNodesIfThatIsMeant() {
    OperatorPage operator = entered();
    String key = keyOf(operator, 1);

    page().click("remove");
    assertThat(page().read("removal")).contains("“" + key + "” of group “echo” on all nodes?");
    page().click("removal-no");
    operator.inspect();
    assertThat(operator.marks(nodes.url(1))).containsExactly("owner", "owned");

    page().click("remove");
    page().click("removal-yes");
    operator.awaitText("removed", "was removed on all nodes.");
    browser()
        .await(
            "no value",
            "return document.getElementById('inspector-summary').innerText"
                + ".includes('No node that answers holds a value.')");
    assertThat(operator.holder(nodes.url(1))).contains("The key was removed at");
  }

  @Test
  void aNodeThatIsKilledIsShownSoAndFoundAgain() throws IOException {
    OperatorPage operator = entered();
    String key = keyOf(operator, 2);
    operator.awaitState(nodes.url(2), "up");
    nodes.kill(2);
    try {
      operator.awaitState(nodes.url(2), "unreachable");
      assertThat(page().read("cluster-state")).isEqualTo("1 of 3 nodes unreachable");
      operator.inspect();
      assertThat(operator.holder(nodes.url(2))).contains("unreachable", "does not answer");
      assertThat(page().read("inspector-key")).contains(key);
      pictures("dead-node");
    } finally {
      nodes.restart(2);
    }
    browser()
        .await(
            "the node again",
            "return document.getElementById('cluster-state').innerText === 'all nodes up'");
  }

  @Test
  void theNodeOfThePageIsGoneAndWhatItToldStays() throws IOException {
    OperatorPage operator = entered();
    nodes.kill(0);
    try {
      operator.awaitText("silence", "No answer from this node.");
      assertThat(operator.texts("#nodes .node")).hasSize(3);
      pictures("silence");
    } finally {
      nodes.restart(0);
    }
    browser().await("the node again", "return document.getElementById('silence').hidden");
  }

  @Test
  void markupInKeysValuesAndMessagesIsShownAsText() {
    OperatorPage operator = entered();

    operator.lookUp("echo", MARKUP);
    assertThat(page().text("result-preview")).isEqualTo(MARKUP);
    operator.lookUp("scores", MARKUP);
    assertThat(page().text("result-preview")).contains(MARKUP + " not exist");
    operator.lookUp("absent", MARKUP);
    browser()
        .await(
            "the key",
            "return [...document.querySelectorAll('#slow button')].some((b) =>"
                + " b.dataset.key.includes('<script>') && b.innerText.includes('<img src=taken'))");
    page().click("remove");
    assertThat(page().text("removal-question")).contains("<img src=taken onerror=");
    page().click("removal-no");

    assertThat(browser().driver().getTitle()).isEqualTo("geecache");
    assertThat(browser().driver().findElements(By.cssSelector("main img, main script"))).isEmpty();
    assertThat(browser().requested()).noneMatch(url -> url.endsWith("/taken"));
  }

  @Test
  void hotKeysAndSlowLoadsLeadToTheInspector() throws IOException {
    OperatorPage operator = entered();
    String key = key("led");
    nodes.get(1, "echo", key, 5);
    browser().await("the key", tableHas("hot", key));

    browser()
        .driver()
        .findElement(By.cssSelector("#hot button[data-key='" + key + "']"))
        .sendKeys(Keys.ENTER);
    operator.awaitText("inspector-key", key);

    assertThat(page().find("key").getDomProperty("value")).isEqualTo(key);
    assertThat(page().find("group").getDomProperty("value")).isEqualTo("echo");
  }

  /** A reader keeps the place where it is, though the page is written anew all the time. */
  @Test
  void theFocusStaysWhereItIs() throws IOException {
    entered();
    nodes.get(1, "echo", key("focused"), 1);
    browser().await("a key", "return document.querySelector('#slow button') !== null");
    WebElement button = browser().driver().findElement(By.cssSelector("#slow button"));
    browser().driver().executeScript("arguments[0].focus(); window.turns = 0;", button);
    browser()
        .driver()
        .executeScript(
            "new MutationObserver(() => { window.turns += 1; })"
                + ".observe(document.getElementById('nodes'), { subtree: true, characterData: true,"
                + " childList: true });");
    browser().await("another turn", "return window.turns > 2");

    assertThat(browser().driver().switchTo().activeElement()).isEqualTo(button);
  }

  @Test
  void keyboardAloneSignsInInspectsAndRemoves() {
    OperatorPage operator = operator();
    operator.open(nodes.url(0) + "/");
    page().find("secret").sendKeys(SECRET, Keys.TAB);
    new Actions(browser().driver()).sendKeys(Keys.SPACE).perform();
    operator.awaitNodes();
    assertThat(focused()).isEqualTo("sign-out");

    page().find("key").sendKeys(Keys.chord(Keys.CONTROL, "a"), "typed", Keys.TAB, Keys.TAB);
    assertThat(focused()).isEqualTo("inspect");
    new Actions(browser().driver()).sendKeys(Keys.ENTER).perform();
    operator.awaitText("inspector-key", "typed");
    new Actions(browser().driver()).sendKeys(Keys.TAB, Keys.ENTER).perform();
    assertThat(focused()).as("what changes nothing comes first").isEqualTo("removal-no");
    new Actions(browser().driver()).sendKeys(Keys.ESCAPE).perform();
    assertThat(page().find("removal").isDisplayed()).isFalse();
    assertThat(focused()).isEqualTo("remove");
  }

  private @Nullable String focused() {
    return browser().driver().switchTo().activeElement().getDomProperty("id");
  }

  /** Something that the page can show: its name, and how to have it shown. */
  private record State(String name, Consumer<OperatorPageIT> show) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<State> states() {
    return Stream.of(
        new State("signed-out", test -> test.operator().open(test.nodes.url(0) + "/")),
        new State("wrong-secret", OperatorPageIT::beRefused),
        new State("signed-in", OperatorPageIT::entered),
        new State("key", test -> test.entered().lookUp("echo", "Tom")),
        new State("long-key", test -> test.entered().lookUp("echo", "<b>" + "a\u4e2d".repeat(400))),
        new State("removal", OperatorPageIT::beAsked),
        new State("empty", test -> test.showInstead(EMPTY)),
        new State("troubled", test -> test.showInstead(TROUBLED)),
        new State("talkative", test -> test.showInstead(TALKATIVE)));
  }

  private void beRefused() {
    operator().open(nodes.url(0) + "/");
    operator().signIn("a-secret-that-is-wrong");
    operator().awaitText("sign-in-note", "That is not the secret");
  }

  private void beAsked() {
    entered().lookUp("echo", "Tom");
    page().click("remove");
  }

  private static final String NODE =
      """
      {"format":1,"self":"http://10.0.0.1:8080/shop","id":"0123456789abcdef","version":"1.0",
       "uptimeMillis":3723000,"missingGroups":[],"peers":[],"troubles":[],"groups":[],
       "view":{"number":1,"fingerprint":"0","nodes":["http://10.0.0.1:8080/shop"],
               "owners":["http://10.0.0.1:8080/shop"],"sharesPerMillion":[1000000]}}
      """;

  private static final String EMPTY =
      "{\"format\":1,\"viewsDiffer\":false,\"nodes\":[{\"node\":\"http://10.0.0.1:8080/shop\","
          + "\"answer\":"
          + NODE
          + "}]}";

  private static final String TROUBLED =
      """
      {"format":1,"viewsDiffer":true,"nodes":[
        {"node":"http://10.0.0.1:8080/shop","answer":{"format":1,"self":"http://10.0.0.1:8080/shop",
         "id":"0123456789abcdef","uptimeMillis":99000000,"missingGroups":["users"],
         "notReady":"no contact with any node","leaving":"12 of 40 entries are handed over",
         "peers":[{"url":"http://10.0.0.2:8080/shop","kind":"node","contact":false,
                   "changesPending":3},
                  {"url":"http://10.0.0.3:8080","kind":"go","contact":true}],
         "troubles":[{"kind":"alone","forMillis":4000},{"kind":"later","forMillis":1},
                     {"kind":"no-contact","node":"http://10.0.0.2:8080/shop","forMillis":70000}],
         "view":{"number":1,"fingerprint":"0",
                 "nodes":["http://10.0.0.1:8080/shop","http://10.0.0.2:8080/shop",
                          "http://10.0.0.3:8080"],
                 "owners":["http://10.0.0.2:8080/shop","http://10.0.0.3:8080"],
                 "sharesPerMillion":[600000,400000]},
         "groups":[{"name":"users","now":{"bytes":900,"entries":1},
                    "settings":{"store":"value","maxBytes":0}}]}},
        {"node":"http://10.0.0.2:8080/shop","failure":"it does not answer (<b>)"}]}
      """;

  private static final String TALKATIVE =
      TROUBLED.replace("it does not answer (<b>)", "its answer has more than 1048576 bytes");

  /** Has the page be told something else by its node than that would. */
  private void showInstead(String status) {
    operator().open(nodes.url(0) + "/");
    browser()
        .driver()
        .executeScript(
            """
            const told = arguments[0];
            const real = window.fetch;
            window.fetch = (url, options) => (String(url).includes('/_cluster/status')
                && (window.statusUrl = String(url))
                ? Promise.resolve(new Response(told, { headers: { 'Geecache-Status': 'ok' } }))
                : real(url, options));
            """,
            status);
    operator().signIn(SECRET);
    operator().awaitNodes();
  }

  @Test
  void whatIsNotThereHasWords() {
    showInstead(EMPTY);

    assertThat(page().read("no-groups")).startsWith("These nodes have no groups.");
    assertThat(page().read("hot-empty")).isEqualTo("No key was asked for in the last minutes.");
    assertThat(page().read("slow-empty")).isEqualTo("Nothing was loaded in the last 15 minutes.");
    assertThat(operator().node("http://10.0.0.1:8080/shop")).contains("up", "100 % of the keys");
  }

  @Test
  void whatIsWrongHasWords() {
    showInstead(TROUBLED);

    assertThat(operator().node("http://10.0.0.1:8080/shop")).contains("leaving", "12 of 40");
    assertThat(operator().node("http://10.0.0.2:8080/shop"))
        .contains("unreachable", "it does not answer (<b>)", "3 changes not acknowledged");
    assertThat(operator().node("http://10.0.0.3:8080")).contains("Go node");
    assertThat(operator().texts("#troubles li"))
        .hasSize(4)
        .anyMatch(text -> text.startsWith("The nodes divide the keys differently"))
        .anyMatch(text -> text.contains("can meet no other node"))
        .anyMatch(text -> text.contains("cannot meet http://10.0.0.2:8080/shop"));
    assertThat(operator().texts("#cards .card").get(0)).contains("geecache.dashboard is false");
  }

  @Test
  void aNodeThatTellsTooMuchIsNotCalledUnreachable() {
    showInstead(TALKATIVE);

    assertThat(operator().node("http://10.0.0.2:8080/shop"))
        .contains("up, not shown", "more than 1048576 bytes");
    assertThat(page().read("cluster-state")).isEqualTo("troubles");
    browser().await("fewer points", "return !window.statusUrl.endsWith('history=180')");
  }

  @Test
  void aFaultOfThePageIsNotCalledSilenceOfTheNode() {
    showInstead(EMPTY.replace("\"groups\":[]", "\"groups\":[{\"name\":\"users\"}]"));

    operator().awaitText("silence", "This page cannot show what the nodes told.");
    assertThat(browser().complaints())
        .filteredOn(complaint -> !complaint.contains("Failed to load resource"))
        .isNotEmpty()
        .allMatch(complaint -> complaint.contains("TypeError"));
    page().click("sign-out"); // It complains no more.
    browser().complaints();
  }

  /** What the secret has opened goes with it, wherever it stands. */
  @Test
  void signingOutLeavesNothingThatWasLookedUp() {
    OperatorPage operator = entered();
    String key = key("opened");
    operator.lookUp("echo", key);
    assertThat(page().text("result-preview")).contains(key);
    page().click("remove");
    page().click("removal-no");

    page().click("sign-out");

    Object left = browser().driver().executeScript("return document.body.textContent");
    assertThat(String.valueOf(left)).doesNotContain(key, nodes.url(1));
    assertThat(page().find("key").getDomProperty("value")).isEqualTo("Tom");
    assertThat(page().text("result-summary")).isEqualTo("Nothing asked yet.");
    assertThat(focused()).isEqualTo("secret");
  }

  /** Else the same words would be read aloud again and again. */
  @Test
  void theSilenceIsReadAloudOnce() throws IOException {
    OperatorPage operator = entered();
    nodes.kill(0);
    try {
      operator.awaitText("silence-age", "ago.");
      browser()
          .driver()
          .executeScript(
              "window.read = 0; window.aged = 0;"
                  + "const watch = (id, count) => new MutationObserver(count).observe("
                  + "document.getElementById(id), { childList: true, subtree: true });"
                  + "watch('silence-words', () => { window.read += 1; });"
                  + "watch('silence-age', () => { window.aged += 1; });");
      browser().await("two more turns", "return window.aged > 1");
      assertThat(browser().driver().executeScript("return window.read")).isEqualTo(0L);
    } finally {
      nodes.restart(0);
    }
    browser().await("the node again", "return document.getElementById('silence').hidden");
  }

  /** With a picture of each in {@code target/start-page}. */
  @ParameterizedTest
  @MethodSource("states")
  void fitsPhonesAndDesksInBothSchemesWithoutBarriers(State state) throws IOException {
    state.show().accept(this);
    pictures(state.name());
  }

  private void pictures(String name) throws IOException {
    SoftAssertions softly = new SoftAssertions();
    for (String screen : List.of("desk", "phone")) {
      if (screen.equals("phone")) {
        browser().phone();
      }
      for (String scheme : List.of("light", "dark")) {
        browser().scheme(scheme);
        String view = "operator-" + name + "-" + screen + "-" + scheme;
        browser().picture(view);
        softly.assertThat(browser().barriers()).as(view).isEmpty();
        softly.assertThat(browser().spilled()).as(view).isEmpty();
      }
    }
    softly.assertAll();
  }
}
