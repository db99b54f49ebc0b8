package geecache.web;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether there is an operator's page, and what its answer says of the node. */
class PageHeadersFilterTest {

  private static HttpResponse<String> page(Map<String, String> settings) throws Exception {
    Server jetty = new Server();
    ServerConnector connector = new ServerConnector(jetty);
    connector.setHost("127.0.0.1");
    jetty.addConnector(connector);
    ServletContextHandler application = new ServletContextHandler(jetty, "/shop");
    settings.forEach(application::setInitParameter);
    application.addFilter(PageHeadersFilter.class, "/*", EnumSet.of(DispatcherType.REQUEST));
    application.addServlet(new ServletHolder(new Page()), "/");
    jetty.start();
    try {
      URI uri = URI.create("http://127.0.0.1:" + connector.getLocalPort() + "/shop/");
      return HttpClient.newHttpClient()
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    } finally {
      jetty.stop();
    }
  }

  private static final class Page extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      response.getWriter().print("the page");
    }
  }

  @ParameterizedTest
  @CsvSource({"'', open", "a-secret-for-these-tests, secret"})
  void thePageIsToldWhetherThereIsASecret(String secret, String access) throws Exception {
    HttpResponse<String> page =
        page(Map.of("geecache.dashboard", "true", "geecache.secret", secret));

    assertThat(page.body()).isEqualTo("the page");
    assertThat(page.headers().firstValue("Geecache-Access")).hasValue(access);
    assertThat(page.headers().firstValue("Content-Security-Policy"))
        .hasValue("frame-ancestors 'none'");
  }

  /** Else a browser could run scripts of a former version: their times are equal in all builds. */
  @Test
  void nothingMayKeepThePage() throws Exception {
    HttpResponse<String> page = page(Map.of("geecache.dashboard", "true"));

    assertThat(page.headers().allValues("Cache-Control")).containsExactly("no-store");
  }

  @Test
  void eachFileOfThePageIsFiltered() throws Exception {
    Path root = Path.of("src/main/webapp");
    String descriptor = Files.readString(root.resolve("WEB-INF/web.xml"));
    List<String> patterns =
        Pattern.compile("<url-pattern>(.*?)</url-pattern>")
            .matcher(descriptor.substring(0, descriptor.indexOf("</filter-mapping>")))
            .results()
            .map(pattern -> pattern.group(1))
            .toList();
    try (Stream<Path> files = Files.walk(root)) {
      assertThat(files.filter(Files::isRegularFile).map(file -> "/" + root.relativize(file)))
          .filteredOn(path -> !path.startsWith("/WEB-INF/"))
          .hasSizeGreaterThan(10)
          .allMatch(
              path ->
                  patterns.contains(path)
                      || patterns.contains(path.substring(0, path.lastIndexOf('/')) + "/*"));
    }
  }

  @Test
  void withoutADashboardThereIsNoPage() throws Exception {
    assertNoPage(page(Map.of()));
    assertNoPage(page(Map.of("geecache.dashboard", "false")));
    assertNoPage(page(Map.of("geecache.dashboard", "true", "geecache.enabled", "false")));
  }

  private static void assertNoPage(HttpResponse<String> page) {
    assertThat(page.statusCode()).isEqualTo(404);
    assertThat(page.body()).doesNotContain("the page");
    assertThat(page.headers().firstValue("Geecache-Access")).isEmpty();
  }
}
