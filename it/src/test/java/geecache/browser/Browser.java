package geecache.browser;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.stream.StreamSupport;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.json.Json;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/**
 * A headless Chromium of this machine, which keeps a record of what its pages ask for and of what
 * they complain. Not for use by several threads.
 */
final class Browser implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Selenium's own is half a second: longer than most answers take. */
  private static final Duration POLL = Duration.ofMillis(20);

  private static final Path PICTURES = Path.of("target", "start-page");
  private static final int PHONE_WIDTH = 360;

  private final ChromeDriver driver;
  private final List<String> requested = new ArrayList<>();

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Starts one, whose pages are as wide as a desk's screen and light. */
  static Browser start() {
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(installed("browser.binary", "/usr/bin/chromium"));
    options.addArguments("--headless=new", "--no-sandbox", "--disable-dev-shm-usage");
    options.setCapability("goog:loggingPrefs", logs);
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(installed("browser.driver", "/usr/bin/chromedriver"))
            .usingAnyFreePort()
            .build();
    Browser browser = new Browser(new ChromeDriver(service, options));
    browser.wide();
    browser.scheme("light");
    return browser;
  }

  private static File installed(String property, String otherwise) {
    File program = new File(System.getProperty(property, otherwise));
    if (!program.canExecute()) {
      throw new IllegalStateException(
          "nothing to run at "
              + property
              + "="
              + program
              + ": apt-get install chromium chromium-driver, or set -Dbrowser.binary and"
              + " -Dbrowser.driver");
    }
    return program;
  }

  ChromeDriver driver() {
    return driver;
  }

  /** Awaits what {@code script}, the body of a function, returns as true. */
  void await(String what, String script) {
    await(what, LIMIT, script);
  }

  void await(String what, Duration limit, String script) {
    new WebDriverWait(driver, limit)
        .pollingEvery(POLL)
        .withMessage(what)
        .until(page -> Boolean.TRUE.equals(driver.executeScript(script)));
  }

  void wide() {
    width(1280, 900, false);
  }

  void phone() {
    width(PHONE_WIDTH, 740, true);
  }

  private void width(int width, int height, boolean mobile) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", mobile));
  }

  /**
   * Prefers a colour scheme, and that nothing moves: what is scrolled to is there at once.
   *
   * @param scheme {@code light} or {@code dark}
   */
  void scheme(String scheme) {
    List<Map<String, String>> features =
        List.of(
            Map.of("name", "prefers-color-scheme", "value", scheme),
            Map.of("name", "prefers-reduced-motion", "value", "reduce"));
    driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", features));
  }

  /** Lets pages write to the clipboard and read it, as a click does where people sit. */
  void allowClipboard() {
    driver.executeCdpCommand(
        "Browser.grantPermissions",
        Map.of("permissions", List.of("clipboardReadWrite", "clipboardSanitizedWrite")));
  }

  String clipboard() {
    return String.valueOf(
        driver.executeAsyncScript(
            "navigator.clipboard.readText().then(arguments[0], arguments[0])"));
  }

  /** Returns the errors and warnings on the console since the last call. */
  List<String> complaints() {
    return StreamSupport.stream(driver.manage().logs().get(LogType.BROWSER).spliterator(), false)
        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .map(LogEntry::getMessage)
        .toList();
  }

  /** Returns the URLs of all requests of all pages, in their order. */
  List<String> requested() {
    Json json = new Json();
    for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
      Map<String, Object> line = json.toType(entry.getMessage(), Json.MAP_TYPE);
      Map<?, ?> message = (Map<?, ?>) line.get("message");
      if ("Network.requestWillBeSent".equals(message.get("method"))) {
        Map<?, ?> request = (Map<?, ?>) ((Map<?, ?>) message.get("params")).get("request");
        requested.add(String.valueOf(request.get("url")));
      }
    }
    return List.copyOf(requested);
  }

  /** Returns what axe-core finds wrong with the page: rule, help, elements. */
  List<String> barriers() {
    driver.executeScript(axe());
    Object violations =
        driver.executeAsyncScript(
            """
            const done = arguments[arguments.length - 1];
            axe.run({ rules: { 'target-size': { enabled: true } } }).then(
                ({ violations }) => done(violations.map((v) =>
                    `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).join(' ')}`)),
                (failure) => done([String(failure)]));
            """);
    return ((List<?>) violations).stream().map(String::valueOf).toList();
  }

  private static String axe() {
    try (InputStream script = Browser.class.getResourceAsStream("/axe.min.js")) {
      if (script == null) {
        throw new IllegalStateException("no axe.min.js in the class path");
      }
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /**
   * Returns what reaches beyond the screen, and does not stand in a box that scrolls; and whether
   * the page scrolls sideways.
   */
  List<String> spilled() {
    Object found =
        driver.executeScript(
            """
            const scrolls = (e) => e && (getComputedStyle(e).overflowX !== 'visible'
                || scrolls(e.parentElement));
            const { scrollWidth, clientWidth } = document.documentElement;
            return [...document.querySelectorAll('body *')]
                .filter((e) => e.getBoundingClientRect().right > innerWidth + .5
                    && !scrolls(e.parentElement))
                .map((e) => e.outerHTML.slice(0, 80))
                .concat(scrollWidth === clientWidth ? [] : [`page ${scrollWidth}`]);
            """);
    return ((List<?>) found).stream().map(String::valueOf).toList();
  }

  /** Writes a picture of the whole page, for people. */
  void picture(String name) throws IOException {
    Files.createDirectories(PICTURES);
    Object height = driver.executeScript("return document.documentElement.scrollHeight");
    Object width = driver.executeScript("return innerWidth");
    Object encoded =
        driver
            .executeCdpCommand(
                "Page.captureScreenshot",
                Map.of(
                    "captureBeyondViewport",
                    true,
                    "clip",
                    Map.of("x", 0, "y", 0, "width", width, "height", height, "scale", 1)))
            .get("data");
    Files.write(
        PICTURES.resolve(name + ".png"),
        OutputType.BYTES.convertFromBase64Png(String.valueOf(encoded)));
  }

  @Override
  public void close() {
    driver.quit();
  }
}
