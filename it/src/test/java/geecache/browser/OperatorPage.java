package geecache.browser;

import java.time.Duration;
import java.util.List;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** What the page shows to somebody who has signed in. Not for use by several threads. */
final class OperatorPage {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final Browser browser;
  private final StartPage page;

  OperatorPage(Browser browser) {
    this.browser = browser;
    this.page = new StartPage(browser);
  }

  /** Opens it anew, for somebody who has not signed in. */
  void open(String url) {
    browser.driver().get(url + "favicon.svg"); // Of the same origin, and asks for nothing.
    browser.driver().executeScript("sessionStorage.clear()");
    page.open(url);
    browser.await("the form", "return !document.getElementById('sign-in').hidden");
  }

  void signIn(String secret) {
    page.type("secret", secret);
    page.find("secret").sendKeys(Keys.ENTER);
  }

  /** Signs in, and awaits what the nodes tell. */
  void enter(String url, String secret) {
    open(url);
    signIn(secret);
    awaitNodes();
  }

  void awaitNodes() {
    browser.await(
        "the nodes",
        "return document.querySelectorAll('#nodes .node').length > 0"
            + " && !document.getElementById('operator').hasAttribute('aria-busy')");
  }

  /** Looks a key up, and awaits its value and where it is. */
  void lookUp(String group, String key) {
    page.lookUpPasted(group, key);
    awaitInspection();
  }

  /** Asks where a key is, without a get of it. */
  void inspect() {
    page.click("inspect");
    awaitInspection();
  }

  void awaitInspection() {
    browser.await(
        "where the key is",
        "const e = document.getElementById('inspector');"
            + " return !e.hidden && e.getAttribute('aria-busy') === 'false';");
  }

  /** Returns the row of a node; it has its name, its state and what it tells. */
  String node(String url) {
    return row("#nodes .node", url);
  }

  /** Returns what a node has of the key, as the inspector shows it. */
  String holder(String url) {
    return row("#holders .holder", url);
  }

  /** Returns what a node is to the key, and holds of it: {@code owner}, {@code copy} and others. */
  List<String> marks(String url) {
    return browser.driver().findElements(By.cssSelector("#holders .holder")).stream()
        .filter(holder -> holder.getText().contains(url))
        .flatMap(holder -> holder.findElements(By.className("badge")).stream())
        .map(WebElement::getText)
        .toList();
  }

  private String row(String selector, String url) {
    return browser.driver().findElements(By.cssSelector(selector)).stream()
        .map(WebElement::getText)
        .filter(text -> text.contains(url))
        .findFirst()
        .orElseThrow();
  }

  /** Awaits, for ten seconds at most, that a node is shown in a state. */
  void awaitState(String url, String state) {
    browser.await(
        url + " to be " + state,
        SOON,
        """
        return [...document.querySelectorAll('#nodes .node')].some((node) =>
            node.querySelector('code').textContent === '%s'
                && node.querySelector('.badge').textContent === '%s');
        """
            .formatted(url, state));
  }

  void awaitText(String id, String part) {
    browser.await(
        part,
        "const e = document.getElementById('%s'); return !e.hidden && e.innerText.includes('%s');"
            .formatted(id, part));
  }

  /** Returns the texts of all elements, in their order. */
  List<String> texts(String selector) {
    return browser.driver().findElements(By.cssSelector(selector)).stream()
        .map(WebElement::getText)
        .toList();
  }
}
