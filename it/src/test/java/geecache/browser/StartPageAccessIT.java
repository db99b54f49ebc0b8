package geecache.browser;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.containers.ProductSites;
import geecache.testing.Fault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;

/** Who can use the start page: on which screens, and by which means. */
final class StartPageAccessIT extends StartPageTests {
  private static final String CONTROLS = "a[href], button, input, [tabindex='0']";
  private static final int FOCUS_PIXELS = 2;

  StartPageAccessIT() throws IOException {
    super("start-page-access");
  }

  /** Something that the page can show: its name, its application, and how to have it shown. */
  private record State(String name, String contextPath, Consumer<StartPageAccessIT> show) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<State> states() {
    return Stream.of(
        new State("fresh", ProductSites.SHOP, test -> {}),
        new State("value", ProductSites.ROOT, test -> test.page().lookUp("scores", "Tom")),
        new State("failed", ProductSites.ROOT, test -> test.page().lookUp("scores", "kkk")),
        new State("no-group", ProductSites.ROOT, test -> test.page().lookUp("nope", "Tom")),
        new State(
            "long-key",
            ProductSites.GROUPS,
            test -> test.page().lookUpPasted("echo", "a".repeat(1000) + "<\u4e2d\t\u202e>")),
        new State("bytes", ProductSites.GROUPS, test -> test.page().lookUpPasted("echo", BYTES)),
        new State("gone", ProductSites.ROOT, StartPageAccessIT::askInVain),
        new State("somebody-else", ProductSites.ROOT, StartPageAccessIT::askSomebodyElse),
        new State("switched-off", ProductSites.PLAIN, test -> {}),
        new State("secret", ProductSites.GUARDED, test -> test.page().lookUp("scores", "Tom")));
  }

  private static final String BYTES = "\0 bytes that are no text, and a few more of them than fit";

  private void askInVain() {
    answerKeysWith(Fault.REFUSE);
    page().lookUp("scores", "Tom");
    page().click("scores-again");
    page().awaitScores();
  }

  private void askSomebodyElse() {
    answerKeysWith(Fault.BAD_GATEWAY_PAGE);
    page().lookUp("scores", "Tom");
  }

  /** With a picture of each in {@code target/start-page}. */
  @ParameterizedTest
  @MethodSource("states")
  void fitsPhonesAndDesksInBothSchemesWithoutBarriers(State state) throws IOException {
    open(state.contextPath());
    state.show().accept(this);
    SoftAssertions softly = new SoftAssertions();
    for (String screen : List.of("desk", "phone")) {
      if (screen.equals("phone")) {
        browser().phone();
      }
      for (String scheme : List.of("light", "dark")) {
        browser().scheme(scheme);
        String view = state.name() + "-" + screen + "-" + scheme;
        browser().picture(view);
        softly.assertThat(browser().barriers()).as(view).isEmpty();
        softly.assertThat(browser().spilled()).as(view).isEmpty();
        softly.assertThat(brokenWords()).as(view).isEmpty();
      }
    }
    softly.assertAll();
  }

  /** Returns the keys and scores that take more than a line. */
  private List<?> brokenWords() {
    return (List<?>)
        browser()
            .driver()
            .executeScript(
                """
                return [...document.querySelectorAll('.key, .score')].filter((e) => {
                  const words = document.createRange();
                  words.selectNodeContents(e);
                  return words.getClientRects().length > 1;
                }).map((e) => e.textContent);
                """);
  }

  @Test
  void schemesDiffer() {
    open(ProductSites.ROOT);
    String light = colourOfGround();
    browser().scheme("dark");

    assertThat(colourOfGround()).isNotEqualTo(light);
  }

  private String colourOfGround() {
    return browser().driver().findElement(By.tagName("body")).getCssValue("background-color");
  }

  @Test
  void everyControlIsReachedByTabInItsOrderAndSeenThere() {
    open(ProductSites.ROOT);
    page().lookUp("scores", "Tom");
    List<WebElement> controls =
        browser().driver().findElements(By.cssSelector(CONTROLS)).stream()
            .filter(WebElement::isDisplayed)
            .toList();
    browser().driver().executeScript("arguments[0].focus()", controls.get(0));

    List<WebElement> reached = new ArrayList<>();
    while (reached.size() < controls.size()) {
      WebElement focused = browser().driver().switchTo().activeElement();
      assertThat(focusOf(focused)).as(focused.getDomProperty("outerHTML")).isEqualTo(SEEN);
      assertThat(focused.getAccessibleName()).as(focused.toString()).isNotBlank();
      reached.add(focused);
      new Actions(browser().driver()).sendKeys(Keys.TAB).perform();
    }

    assertThat(reached).isEqualTo(controls).hasSizeGreaterThan(10);
  }

  private static final Map<String, Boolean> SEEN = Map.of("outlined", true, "onScreen", true);

  private Object focusOf(WebElement element) {
    return browser()
        .driver()
        .executeScript(
            """
            const [e, pixels] = arguments;
            const style = getComputedStyle(e);
            const box = e.getBoundingClientRect();
            const clear = 'rgba(0, 0, 0, 0)';
            const groundOf = (n) => getComputedStyle(n).backgroundColor === clear
                ? groundOf(n.parentElement) : getComputedStyle(n).backgroundColor;
            return {
              outlined: style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= pixels
                  && style.outlineColor !== groundOf(e.parentElement),
              onScreen: box.top < innerHeight && box.bottom > 0 && box.width > 0,
            };
            """,
            element,
            FOCUS_PIXELS);
  }

  @Test
  void everyInputHasItsLabel() {
    open(ProductSites.ROOT);

    assertThat(browser().driver().findElements(By.tagName("input")))
        .filteredOn(WebElement::isDisplayed)
        .extracting(WebElement::getAccessibleName)
        .containsExactly("Group", "Key", "Read \\r \\n \\t \\\\ \\uXXXX in the key as escapes");
  }

  @Test
  void keyboardAloneLooksKeysUp() {
    StartPage page = open(ProductSites.ROOT);

    page.find("group").sendKeys(Keys.TAB);
    browser().driver().switchTo().activeElement().sendKeys(Keys.chord(Keys.CONTROL, "a"), "a\\tb");
    browser().driver().switchTo().activeElement().sendKeys(Keys.TAB, Keys.TAB);
    page.find("escapes").sendKeys(Keys.SPACE, Keys.ENTER);
    page.awaitResult();
    assertThat(page.read("result-preview")).isEqualTo("a\\tb not exist");
    assertThat(askedOf(ProductSites.ROOT, "scores?key=")).last().asString().endsWith("=a%09b");

    WebElement jack = browser().driver().findElement(By.cssSelector("button[data-key=Jack]"));
    jack.sendKeys(Keys.ENTER);
    page.awaitResult();
    assertThat(page.read("result-preview")).isEqualTo("589");
  }

  @Test
  void resultIsAnnounced() {
    open(ProductSites.ROOT);

    assertThat(page().find("result-summary").getAriaRole()).isEqualTo("status");
    assertThat(page().find("scores-note").getDomAttribute("role")).isEqualTo("status");
  }
}
