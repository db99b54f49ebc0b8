package geecache.browser;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The start page as somebody uses who sees it. Not for use by several threads. */
final class StartPage {
  private static final String SCORES_DONE =
      """
      const badges = [...document.querySelectorAll('#scores-table .badge')];
      return badges.length > 0 && badges.every((b) => b.textContent && b.textContent !== 'asking');
      """;
  private static final String RESULT_DONE =
      """
      return document.getElementById('result').getAttribute('aria-busy') === 'false';
      """;
  private static final String PUT =
      """
      const [field, text] = arguments;
      field.value = text;
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      """;
  private static final String PASTE =
      """
      const [field, text] = arguments;
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      field.value = '';
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, cancelable: true }));
      """;

  private final Browser browser;

  StartPage(Browser browser) {
    this.browser = browser;
  }

  /** Opens it anew, and awaits the answers to what it asks by itself. */
  void open(String url) {
    browser.driver().get(url);
    awaitScores();
  }

  void awaitScores() {
    browser.await("the scores", SCORES_DONE);
  }

  /** Types a group and a key, presses Enter and awaits the answer. */
  void lookUp(String group, String key) {
    type("group", group);
    type("key", key);
    find("key").sendKeys(Keys.ENTER);
    awaitResult();
  }

  /** The same with a key that a keyboard does not have, or that has line breaks. */
  void lookUpPasted(String group, String key) {
    if (find("escapes").isSelected()) {
      find("escapes").click();
    }
    type("group", group);
    boolean controls = key.codePoints().anyMatch(Character::isISOControl);
    browser.driver().executeScript(controls ? PASTE : PUT, find("key"), key);
    find("key").sendKeys(Keys.ENTER);
    awaitResult();
  }

  void awaitResult() {
    browser.await("the result", RESULT_DONE);
  }

  void type(String id, String text) {
    find(id).clear();
    find(id).sendKeys(text);
  }

  void click(String id) {
    find(id).click();
  }

  WebElement find(String id) {
    return browser.driver().findElement(By.id(id));
  }

  /** Returns what is to be read in an element; empty where it is not to be seen. */
  String read(String id) {
    return find(id).getText();
  }

  /** Returns the very text of an element, white space included. */
  String text(String id) {
    return String.valueOf(find(id).getDomProperty("textContent"));
  }

  /** Returns the facts about the last answer that are to be seen: status code, time and others. */
  Map<String, String> facts() {
    return browser.driver().findElements(By.cssSelector(".facts > div")).stream()
        .filter(WebElement::isDisplayed)
        .collect(
            Collectors.toMap(
                fact -> fact.findElement(By.tagName("dt")).getText(),
                fact -> fact.findElement(By.tagName("dd")).getText()));
  }

  /** Returns the rows of scores: key, score, answer, time. */
  List<List<String>> scores() {
    Function<WebElement, List<String>> cells =
        row ->
            row.findElements(By.cssSelector("th, td")).stream().map(WebElement::getText).toList();
    return browser.driver().findElements(By.cssSelector("#scores-table tbody tr")).stream()
        .map(cells)
        .toList();
  }
}
