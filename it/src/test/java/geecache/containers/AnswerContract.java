package geecache.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values, errors, methods and headers. */
interface AnswerContract extends Deployed {

  @ParameterizedTest
  @MethodSource("geecache.containers.Site#serving")
  default void aValueIsItsBytes(Site site) throws IOException {
    for (String target : new String[] {"/scores/Tom", "/scores?key=Tom", "/scores?a=b&key=Tom&c"}) {
      Answer answer = client().get(site.node(target));
      assertThat(answer.code()).as("%s", answer).isEqualTo(200);
      assertThat(answer.text()).isEqualTo("630");
      assertThat(answer.mediaType()).isEqualTo("application/octet-stream");
      assertThat(answer.header("Content-Length")).isEqualTo("3");
      assertThat(answer.header("Geecache-Status")).isEqualTo("ok");
    }
  }

  /** It is loaded first, and in memory then; the last request is forwarded to the node. */
  @Test
  default void aLargeValueIsWhole() throws IOException {
    String key = UUID.randomUUID().toString();
    String target = Site.LIBRARY.node("/large/" + key);
    for (String each :
        List.of(target, target, Site.LIBRARY.at("/front/large/" + key), target + "0")) {
      Answer answer = client().get(each);
      assertThat(answer.code()).as(each).isEqualTo(200);
      String value = each.substring(each.lastIndexOf('/') + 1).repeat(100_000);
      assertThat(answer.text()).as(each).isEqualTo(value);
      assertThat(answer.header("Content-Length")).isEqualTo(String.valueOf(value.length()));
    }
  }

  @ParameterizedTest
  @MethodSource("geecache.containers.Site#serving")
  default void headIsGetWithoutTheBody(Site site) throws IOException {
    for (String target :
        new String[] {"/scores/Tom", "/scores?key=Tom", "/scores/kkk", "/no/key"}) {
      Answer get = client().get(site.node(target));
      Answer head = client().send("HEAD", site.node(target), null);
      assertThat(head.code()).as("%s", head).isEqualTo(get.code());
      for (String header : new String[] {"Content-Type", "Content-Length", "Geecache-Status"}) {
        assertThat(head.header(header)).as(header).isEqualTo(get.header(header)).isNotNull();
      }
      String bytes = wire().exchangeBytes(wire().head("HEAD", site.node(target)) + "\r\n");
      assertThat(bytes).startsWith("HTTP/1.1 " + get.code()).endsWith("\r\n\r\n");
    }
  }

  @ParameterizedTest
  @MethodSource("geecache.containers.Site#serving")
  default void errorsAreOneLineOfText(Site site) throws IOException {
    assertError(site, "/scores/kkk", 500, "load-failed", "kkk not exist");
    assertError(site, "/scores?key=kkk", 500, "load-failed", "kkk not exist");
    assertError(site, "/nope/Tom", 404, "no-such-group", "no such group: nope");
    assertError(site, "/nope?key=Tom", 404, "no-such-group", "no such group: nope");
    assertError(site, "/nope/", 404, "no-such-group", "no such group: nope");
    assertError(site, "/?key=Tom", 404, "no-such-group", "no such group: ");
    assertError(site, "/scores", 400, "bad-request", "bad request");
    assertError(site, "/scores?other=Tom", 400, "bad-request", "bad request");
    String both = "there is a key in the path and one in the query";
    assertError(site, "/scores/Tom?key=Tom", 400, "bad-request", both);
    String twice = "the query has more than one key";
    assertError(site, "/scores?key=Tom&key=Tom", 400, "bad-request", twice);
    assertError(site, "/scores/", 400, "bad-request", "key is required");
    assertError(site, "/scores?key=", 400, "bad-request", "key is required");
    assertError(site, "/scores?key", 400, "bad-request", "key is required");
  }

  @ParameterizedTest
  @MethodSource("geecache.containers.Site#serving")
  default void aClientThatHasTheValueIsToldSo(Site site) throws IOException {
    Answer value = client().get(site.node("/scores/Tom"));
    assertThat(value.header("Cache-Control")).isEqualTo("no-cache");
    assertThat(value.header("Cache-Status")).isEqualTo("geecache; hit");
    String etag = value.header("ETag");
    Answer revalidated =
        wire()
            .exchange(
                wire().head("GET", site.node("/scores/Tom"))
                    + ("If-None-Match: \"other\"\r\nIf-None-Match: W/" + etag + "\r\n\r\n"))
            .orElseThrow();
    assertThat(revalidated.code()).as("%s", revalidated).isEqualTo(304);
    assertThat(revalidated.body()).isEmpty();
    assertThat(revalidated.header("ETag")).isEqualTo(etag);
    assertThat(revalidated.header("Geecache-Status")).isEqualTo("ok");
  }

  @Test
  default void theGettersFailureDecides() throws IOException {
    assertError(Site.LIBRARY, "/absent/a", 404, "no-such-key", "no row for a");
    Answer broken = client().get(Site.LIBRARY.node("/broken/a"));
    assertThat(broken.code()).isEqualTo(500);
    assertThat(broken.header("Geecache-Status")).isEqualTo("load-failed");
    assertThat(broken.text()).matches("load failed: [0-9a-f]{8}\n");
  }

  /** A parked request is dispatched again to where it came in, and so is forwarded again. */
  @ParameterizedTest
  @ValueSource(strings = {"/absent/forwarded", "/gate/joined"})
  default void aForwardedMissLoadsOnce(String target) throws IOException {
    int loads = Integer.parseInt(client().get(Site.LIBRARY.at("/loads")).text());
    Answer answer = client().get(Site.LIBRARY.at("/front" + target));
    assertThat(answer.code()).as("%s", answer).isEqualTo(target.startsWith("/absent") ? 404 : 200);
    assertThat(answer.isOurs()).isTrue();
    int now = Integer.parseInt(client().get(Site.LIBRARY.at("/loads")).text());
    assertThat(now - loads).isEqualTo(target.startsWith("/absent") ? 1 : 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"OPTIONS", "PATCH", "PROPFIND", "FROB"})
  default void otherMethodsAreRefused(String method) throws IOException {
    for (Site site : Site.serving().toList()) {
      Answer answer =
          wire().exchange(wire().head(method, site.node("/scores/Tom")) + "\r\n").orElseThrow();
      assertThat(answer.code()).as("%s %s", site, answer).isEqualTo(405);
      assertThat(answer.header("Allow")).isEqualTo("GET, HEAD, POST, PUT, DELETE");
      assertErrorFormat(answer, "method-not-allowed", "method not allowed");
    }
  }

  /** Liberty tells the servlet {@code GET}, so that no application can know better. */
  @ParameterizedTest
  @ValueSource(strings = {"get", "Get"})
  default void aMethodInLowerCaseIsRefusedOrTheSame(String method) throws IOException {
    for (Site site : Site.serving().toList()) {
      Answer answer =
          wire().exchange(wire().head(method, site.node("/scores/Tom")) + "\r\n").orElseThrow();
      if (answer.code() == 200) {
        assertThat(answer.text()).as("%s %s", site, answer).isEqualTo("630");
      } else {
        assertThat(answer.code()).as("%s %s", site, answer).isIn(400, 405);
      }
    }
  }

  /** As a request to a proxy has it. */
  @ParameterizedTest
  @MethodSource("geecache.containers.Site#serving")
  default void anAbsoluteTargetIsTheSame(Site site) throws IOException {
    String authority = "http://127.0.0.1:" + container().port();
    for (String target : new String[] {"/scores/Tom", "/scores?key=Tom"}) {
      Answer answer = wire().get(authority + site.node(target));
      assertThat(answer.code()).as("%s", answer).isEqualTo(200);
      assertThat(answer.text()).isEqualTo("630");
    }
  }

  /** None has a secret. Payara answers a DELETE with a body 400 of its own accord. */
  @ParameterizedTest
  @CsvSource({"PUT, 403", "DELETE, 403", "POST, 400", "PATCH, 405"})
  default void changesAreRefusedWithoutASecret(String method, int code) throws IOException {
    for (Site site : Site.serving().toList()) {
      Answer answer = client().send(method, site.node("/scores/Tom"), "631");
      if (answer.isOurs() || !method.equals("DELETE")) {
        assertThat(answer.code()).as("%s %s", site, answer).isEqualTo(code);
      } else {
        Refusals.assertHarmless(answer);
      }
      assertThat(client().get(site.node("/scores/Tom")).text()).isEqualTo("630");
    }
  }

  @ParameterizedTest
  @MethodSource("geecache.containers.Site#products")
  default void theProductHasAStartPageThatNoOtherPageMayFrame(Site site) throws IOException {
    for (String target : new String[] {"/", "/index.html"}) {
      Answer page = client().get(site.at(target));
      assertThat(page.code()).as("%s", page).isEqualTo(200);
      assertThat(page.mediaType()).isEqualTo("text/html");
      assertThat(page.isOurs()).isFalse();
      assertThat(page.header("Content-Security-Policy")).isEqualTo("frame-ancestors 'none'");
      assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
    }
  }

  @Test
  default void theFilterForbidsAsynchronousRequests() throws IOException {
    Answer answer = client().get(Site.BLOCKING.node("/scores/Tom"));
    assertThat(answer.header("Async-Supported")).isEqualTo("false");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/echo/a", "/echo?key=a", "/scores/Tom", "/", "", "/nope/a"})
  default void aDisabledNodeLeavesTheAnswerToTheContainer(String rest) throws IOException {
    Answer answer = client().get(Site.DISABLED.node(rest));
    assertThat(answer.code()).as("%s", answer).isEqualTo(404);
    assertThat(answer.isOurs()).isFalse();
    assertThat(client().get(Site.DISABLED.at("/loads")).text()).isEqualTo("0");
  }

  private void assertError(Site site, String rest, int code, String status, String line)
      throws IOException {
    Answer answer = client().get(site.node(rest));
    assertThat(answer.code()).as("%s %s: %s", site, rest, answer).isEqualTo(code);
    assertErrorFormat(answer, status, line);
  }

  private static void assertErrorFormat(Answer answer, String status, String line) {
    assertThat(answer.header("Geecache-Status")).as("%s", answer).isEqualTo(status);
    assertThat(answer.text()).isEqualTo(line + "\n");
    assertThat(answer.mediaType()).isEqualTo("text/plain");
    assertThat(answer.header("Content-Type")).containsPattern("(?i);\\s*charset=\"?utf-8");
    assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
  }
}
