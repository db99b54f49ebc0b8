package geecache.http;

import static geecache.Callers.result;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.LogCapture;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A request whose body breaks off: some 150 bytes of a stranger's must not be 5 KB in the log. */
class BrokenBodyTest {
  private static Request request(String method, String path, Request.Content content) {
    String rest = path.substring(path.indexOf('/', 1));
    Request whole =
        FakeRequests.of(
            method,
            path,
            rest,
            rest,
            null,
            Map.of(
                "Authorization",
                "Bearer " + ServedNode.FIRST,
                "Content-Type",
                BatchCodec.CONTENT_TYPE),
            new byte[0]);
    return new Request(
        whole.method(),
        whole.uri(),
        whole.rawPath(),
        whole.pathInfo(),
        whole.rawQuery(),
        whole.mapping(),
        whole.headers(),
        true,
        content);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /_geecache/g",
    "PUT, /_geecache/g/Tom",
    "POST, /_cluster/meet",
    "POST, /_cluster/changes",
    "POST, /_cluster/change"
  })
  void isTheClientsFaultAndIsNotLogged(String method, String path) throws Exception {
    try (ServedNode served = new ServedNode(ServedNode.SECRET);
        LogCapture log = new LogCapture("geecache", Level.INFO)) {
      served.group().register(key -> key.getBytes(UTF_8));
      for (Exception broken : new Exception[] {new EOFException(), new IllegalStateException()}) {
        Reply reply = result(served.pool.handle(request(method, path, () -> throwing(broken))));
        assertThat(reply.code()).isEqualTo(400);
        assertThat(reply.body()).hasToString("the body of the request did not come to its end\n");
      }
      assertThat(log.messages()).isEmpty();
    }
  }

  private static InputStream throwing(Exception broken) throws IOException {
    if (broken instanceof IOException checked) {
      throw checked;
    }
    throw (RuntimeException) broken;
  }

  @Test
  void aFaultOfTheNodeIsStillLogged() throws Exception {
    try (ServedNode served = new ServedNode(ServedNode.OPEN);
        LogCapture log = new LogCapture("geecache", Level.INFO)) {
      Request request = request("GET", "/_geecache/g/Tom", () -> throwing(new EOFException()));
      Request faulty =
          new Request(
              "GET",
              request.uri(),
              request.rawPath(),
              request.pathInfo(),
              null,
              request.mapping(),
              name -> {
                throw new IllegalStateException("of the container");
              },
              false,
              request.content());
      assertThat(result(served.pool.handle(faulty)).code()).isEqualTo(500);
      assertThat(log.messages()).hasSize(1);
    }
  }
}
