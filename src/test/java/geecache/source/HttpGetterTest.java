package geecache.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import geecache.ByteView;
import geecache.Group;
import geecache.KeyNotFoundException;
import geecache.LiveThreads;
import geecache.LoadException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpGetterTest extends OriginFixture {
  private Group group(HttpGetterBuilder getter) {
    return node.group("g")
        .timeToLive(Duration.ofHours(1))
        .staleIfError(Duration.ofHours(1))
        .holdOff(Duration.ZERO)
        .register(getter.build());
  }

  @Test
  void aKeyStaysWhereTheTemplateHasIt() throws Exception {
    try (HttpGetter inPath = at("/users/{key}/name?full=1").build();
        HttpGetter inQuery = at("/find?id={key}&full=1").build()) {
      String key = "a/..b?c#d&e=%41 +;\u00e9\r\n";
      String encoded = "a%2F..b%3Fc%23d%26e%3D%2541%20%2B%3B%C3%A9%0D%0A";
      inPath.get(key);
      inQuery.get(key);
      inQuery.get("..");

      assertThat(origin.asked())
          .containsExactly(
              "/users/" + encoded + "/name?full=1",
              "/find?id=" + encoded + "&full=1",
              "/find?id=..&full=1");
    }
  }

  @Test
  void aKeyThatWouldLeadElsewhereIsAbsent() throws Exception {
    try (HttpGetter whole = at("/users/{key}").build();
        HttpGetter part = at("/users/.{key}").build();
        HttpGetter suffix = at("/users/{key}.json").build()) {
      assertThatThrownBy(() -> whole.get("..")).isInstanceOf(KeyNotFoundException.class);
      assertThatThrownBy(() -> whole.get(".")).isInstanceOf(KeyNotFoundException.class);
      assertThatThrownBy(() -> part.get(".")).isInstanceOf(KeyNotFoundException.class);
      for (String key :
          List.of("../x", "a/../b", "a/.", "..\\x", "./x", "..;x", ".;", "a/..;x=1/b")) {
        assertThatThrownBy(() -> whole.get(key)).as(key).isInstanceOf(KeyNotFoundException.class);
      }
      assertThatThrownBy(() -> suffix.get("../x/.")).isInstanceOf(KeyNotFoundException.class);
      assertThat(origin.asked()).isEmpty();
      suffix.get(".");
      assertThat(origin.asked()).containsExactly("/users/..json");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://host/{key}",
        "http://{key}/x",
        "http://host:{key}/x",
        "http://user:pass@host/{key}",
        "http://host/x",
        "http://host/{key}/{key}",
        "http://host/x#{key}",
        "http://host/ {key}",
        "http://ho st/{key}",
        "http://host",
        "/{key}",
        ""
      })
  void aTemplateThatBreaksARuleIsRefused(String template) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HttpGetter.builder().url(template))
        .withMessageStartingWith("url ")
        .withMessageNotContaining("pass");
  }

  @Test
  void optionsThatBreakARuleAreRefused() {
    HttpGetterBuilder any = HttpGetter.builder();
    assertRefused(any::build, "url is required");
    assertRefused(() -> any.timeLimit(Duration.ZERO), "time-limit must be positive: PT0S");
    assertRefused(
        () -> any.connectTimeout(Duration.ZERO), "connect-timeout must be positive: PT0S");
    assertRefused(() -> any.connections(1001), "connections must be from 1 to 1000: 1001");
    assertRefused(() -> any.maxValueBytes(0), "max-value-bytes must be positive: 0");
    assertRefused(() -> any.validators(-1), "validators must not be negative: -1");
    assertRefused(() -> any.header("a b", "c"), "a header's name must be a token: a b");
    assertRefused(
        () -> any.header("If-None-Match", "c"), "this header is the getter's own: If-None-Match");
    assertRefused(
        () -> any.authorization("a\r\nb"), "the value of Authorization must be printable ASCII");
  }

  private static void assertRefused(Runnable what, String message) {
    assertThatIllegalArgumentException().isThrownBy(what::run).withMessage(message);
  }

  @Test
  void sendsTheHeadersThatItIsGiven() throws Exception {
    try (HttpGetter getter =
        at("/{key}").authorization("Bearer x").header("accept", "text/plain").build()) {
      getter.get("Tom");
    }
    assertThat(origin.lastHeader("Authorization")).isEqualTo("Bearer x");
    assertThat(origin.lastHeader("Accept")).isEqualTo("text/plain");
    assertThat(origin.lastHeader("User-Agent")).isEqualTo("geecache");
    assertThat(origin.lastHeader("Accept-Encoding")).isEqualTo("identity");
  }

  @Test
  void aCodingThatWasNotAskedForIsAFailure() throws Exception {
    origin.answers(200, "zipped", "Content-Encoding", "gzip");
    try (HttpGetter plain = at("/{key}").build();
        HttpGetter asking = at("/{key}").header("accept-encoding", "gzip").build()) {
      assertThatThrownBy(() -> plain.get("Tom"))
          .hasMessage(origin.url() + " answered in a coding that was not asked for: gzip");
      assertThat(asking.get("Tom")).asString(UTF_8).isEqualTo("zipped");
    }
  }

  @Test
  void excessBytesAfterAnAnswerAreNotReadAsTheNext() throws Exception {
    String first = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst";
    String more = " and more\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
    try (ServerSocket lying = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        HttpGetter getter =
            HttpGetter.builder()
                .url("http://127.0.0.1:" + lying.getLocalPort() + "/{key}")
                .build()) {
      CompletableFuture<byte[]> answer =
          CompletableFuture.supplyAsync(() -> getThrough(getter, "Tom"));
      try (Socket connection = lying.accept()) {
        connection.getInputStream().read();
        connection.getOutputStream().write((first + more).getBytes(UTF_8));
        assertThat(answer.join()).asString(UTF_8).isEqualTo("first");
        assertThatThrownBy(() -> getter.get("Sam")).isInstanceOf(IOException.class);
      }
    }
  }

  private static byte[] getThrough(HttpGetter getter, String key) {
    try {
      return getter.get(key);
    } catch (Exception failure) {
      throw new CompletionException(failure);
    }
  }

  @Test
  void notFoundAndGoneAreAbsentAndKeepTheConnection() throws Exception {
    Group group = group(at("/{key}"));
    for (int code : new int[] {404, 410, 404}) {
      origin.answers(code, "not here");
      assertThatThrownBy(() -> group.get("Tom"))
          .isInstanceOf(KeyNotFoundException.class)
          .hasMessage("no such key: Tom");
    }
    assertThat(origin.connections()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 503, 400, 401, 403, 204, 302, 304})
  void otherStatusesAreFailuresWhoseCauseClientsDoNotSee(int code) {
    Group group = group(at("/{key}?secret=s3cret"));
    origin.answers(code, "", "Location", "/elsewhere");

    assertThatThrownBy(() -> group.get("Tom"))
        .isInstanceOf(LoadException.class)
        .hasMessageMatching("load failed: [0-9a-f]{8}")
        .rootCause()
        .hasMessage(origin.url() + " answered " + code);
    assertThat(origin.asked()).hasSize(1);
  }

  @Test
  void theOriginsMaxAgeIsHonoured() throws Exception {
    Group group = group(at("/{key}"));
    origin.answers(200, "1", "Cache-Control", "max-age=10", "Age", "4");
    group.get("Tom");
    ticker.advance(Duration.ofSeconds(6).minusNanos(1));
    group.get("Tom");
    assertThat(origin.asked()).hasSize(1);
    ticker.advance(Duration.ofNanos(1));
    group.get("Tom");
    assertThat(origin.asked()).hasSize(2);
  }

  @Test
  void theOriginsFreshnessCanBeSwitchedOff() throws Exception {
    Group group = group(at("/{key}").freshness(false));
    origin.answers(200, "1", "Cache-Control", "no-store");
    group.get("Tom");
    group.get("Tom");
    assertThat(origin.asked()).hasSize(1);
  }

  @Test
  void noStoreIsNotKeptAndNoCacheIsAskedForEachTime() throws Exception {
    Group group = group(at("/{key}"));
    origin.answers(200, "1", "Cache-Control", "no-store", "ETag", "\"a\"");
    group.get("Tom");
    group.get("Tom");
    assertThat(origin.lastHeader("If-None-Match")).isNull();
    assertThat(origin.asked()).hasSize(2);

    origin.answers(200, "2", "Cache-Control", "no-cache", "ETag", "\"b\"");
    group.get("Sam");
    ticker.advance(Duration.ofNanos(1));
    group.get("Sam");
    assertThat(origin.lastHeader("If-None-Match")).isEqualTo("\"b\"");
  }

  @Test
  void anUnchangedValueIsRenewedByA304() throws Exception {
    Group group = group(at("/{key}"));
    origin.answers(
        200, "1", "Cache-Control", "max-age=10", "ETag", "\"a\"", "Last-Modified", "then");
    ByteView first = group.get("Tom");
    origin.answers(304, "", "Cache-Control", "max-age=20");
    ticker.advance(Duration.ofSeconds(10));

    assertThat(group.get("Tom")).isSameAs(first);
    assertThat(origin.lastHeader("If-None-Match")).isEqualTo("\"a\"");
    assertThat(origin.lastHeader("If-Modified-Since")).isEqualTo("then");
    ticker.advance(Duration.ofSeconds(20).minusNanos(1));
    group.get("Tom");
    assertThat(origin.asked()).hasSize(2);

    origin.answers(304, ""); // Without a max-age: the last one holds.
    ticker.advance(Duration.ofNanos(1));
    group.get("Tom");
    ticker.advance(Duration.ofSeconds(20).minusNanos(1));
    group.get("Tom");
    assertThat(origin.asked()).hasSize(3);
    ticker.advance(Duration.ofNanos(1));
    origin.answers(200, "2");
    assertThat(group.get("Tom")).hasToString("2");
    assertThat(origin.asked()).hasSize(4);
  }

  /** An origin decides how long they are, and so how much of the heap they take. */
  @Test
  void longValidatorsTakeThePlaceOfSeveral() throws Exception {
    Group group = group(at("/{key}").validators(4));
    for (int length : new int[] {100, 2000}) {
      origin.answers(
          200, "1", "Cache-Control", "max-age=10", "ETag", '"' + "e".repeat(length) + '"');
      group.get("k" + length);
      ticker.advance(Duration.ofSeconds(10));
      group.get("k" + length);
      assertThat(origin.lastHeader("If-None-Match") != null)
          .as("%d", length)
          .isEqualTo(length == 100);
    }
  }

  @Test
  void aValueThatWasSetIsNotRenewed() throws Exception {
    Group group = group(at("/{key}"));
    origin.answers(200, "1", "ETag", "\"a\"");
    group.get("Tom");
    group.set("Tom", ByteView.of("mine"), Duration.ofSeconds(1));
    ticker.advance(Duration.ofSeconds(1));

    assertThat(group.get("Tom")).hasToString("1");
    assertThat(origin.lastHeader("If-None-Match")).isNull();

    group.remove("Tom");
    group.get("Tom");
    assertThat(origin.lastHeader("If-None-Match")).isNull();
  }

  @Test
  void anOldValueIsServedWhileTheOriginFails() throws Exception {
    Group group = group(at("/{key}"));
    origin.answers(200, "1", "Cache-Control", "max-age=10", "ETag", "\"a\"");
    group.get("Tom");
    ticker.advance(Duration.ofSeconds(10));
    origin.answers(503, "");
    assertThat(group.get("Tom")).hasToString("1");
  }

  @Test
  void aTooLongAnswerIsAFailureAndNotReadToItsEnd() throws Exception {
    try (HttpGetter getter = at("/{key}").maxValueBytes(5).build()) {
      assertThat(getter.get("Tom")).asString(UTF_8).isEqualTo("value");
      origin.answersBy(
          exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] some = new byte[8192];
            try (exchange) {
              while (true) { // Until the reader has gone.
                exchange.getResponseBody().write(some);
              }
            }
          });
      assertThatThrownBy(() -> getter.get("Tom"))
          .hasMessage(origin.url() + " answered more than 5 bytes");
    }
  }

  @Test
  void theTimeLimitHoldsEvenIfTheAnswerTrickles() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    origin.answersBy(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (exchange) {
            while (!gone.await(20, java.util.concurrent.TimeUnit.MILLISECONDS)) {
              exchange.getResponseBody().write('x');
              exchange.getResponseBody().flush();
            }
          } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
          }
        });
    try (HttpGetter getter = at("/{key}").timeLimit(Duration.ofMillis(200)).build()) {
      assertThatThrownBy(() -> getter.get("Tom"))
          .isInstanceOf(IOException.class)
          .hasMessage(origin.url() + " did not answer within 200 ms");
    } finally {
      gone.countDown();
    }
  }

  @Test
  void redirectsAreFollowedWhenAllowedAndWithinTheOrigin() throws Exception {
    try (HttpGetter getter = at("/from/{key}").redirects(true).build()) {
      origin.answersBy(
          exchange ->
              (exchange.getRequestURI().getPath().startsWith("/from/")
                      ? Origin.answer(307, "moved", "Location", "../to?x=1")
                      : Origin.answer(200, "there"))
                  .handle(exchange));
      assertThat(getter.get("Tom")).asString(UTF_8).isEqualTo("there");
      assertThat(origin.asked()).containsExactly("/from/Tom", "/to?x=1");

      origin.answers(302, "", "Location", "http://127.0.0.1:1/other");
      assertThatThrownBy(() -> getter.get("Tom"))
          .hasMessage(origin.url() + " redirects to another origin");
      origin.answers(302, "", "Location", "/from/Tom");
      assertThatThrownBy(() -> getter.get("Tom"))
          .hasMessage(origin.url() + " redirects more than 5 times");
    }
  }

  @Test
  void closingTheNodeEndsTheTimer() throws Exception {
    Group group = group(at("/{key}"));
    group.get("Tom");
    assertThat(LiveThreads.named("geecache-source-timer")).isNotEmpty();
    node.close();
    await().until(() -> LiveThreads.named("geecache-source-timer").isEmpty());
  }

  @Test
  void aGroupRunsAsManyLoadsAsThereAreConnections() {
    try (HttpGetter few = at("/{key}").connections(3).build();
        HttpGetter byDefault = at("/{key}").build()) {
      assertThat(few.maxLoads()).isEqualTo(3);
      assertThat(byDefault.maxLoads()).isEqualTo(64);
    }
  }
}
