package geecache.web;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Callers;
import geecache.GatedGetter;
import geecache.Geecache;
import geecache.LogCapture;
import geecache.http.PeerOptions;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What no container shows from outside: who waits where a filter forbids asynchronous requests. */
class HTTPPoolServletTest {
  private final Map<String, Object> attributes = new ConcurrentHashMap<>();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final GatedGetter source = new GatedGetter();
  private final HTTPPoolServlet servlet = new HTTPPoolServlet();
  private final ServletContext context =
      fake(
          ServletContext.class,
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "getAttribute" -> attributes.get((String) arguments[0]);
                case "setAttribute" -> attributes.put((String) arguments[0], arguments[1]);
                case "getContextPath" -> "";
                case "getServletRegistrations" -> Map.of();
                default -> null;
              });

  @BeforeEach
  void init() throws Exception {
    Geecache.of(context).group("g").register(source);
    servlet.init(
        fake(
            ServletConfig.class,
            (proxy, method, arguments) ->
                method.getName().equals("getServletContext") ? context : "geecache"));
  }

  @AfterEach
  void close() {
    Geecache.of(context).close();
  }

  @Test
  void whereAsynchronousRequestsAreForbiddenAMissWaitsAndOneWarningNamesTheRemedy()
      throws Exception {
    try (Callers callers = new Callers();
        LogCapture log = new LogCapture(HTTPPoolServlet.class, Level.INFO)) {
      for (String key : new String[] {"a", "b"}) {
        CompletableFuture<Void> parking = new CompletableFuture<>();
        CompletableFuture<Void> request = callers.call(() -> serve(key, parking));
        GatedGetter.Call load = source.next();
        result(parking);
        assertThat(request).isNotDone();
        load.answer("value of " + key);
        result(request);
      }
      assertThat(body).hasToString("value of avalue of b");
      assertThat(log.messages())
          .singleElement()
          .asString()
          .startsWith("WARNING ")
          .contains("<async-supported>true</async-supported>");
    }
  }

  /** Answers that may stay open are bounded; one whose client is gone must not count for ever. */
  @Test
  void clientsThatAreGoneLeaveNoOpenAnswerBehind() throws Exception {
    int parked = PeerOptions.defaults().parked();
    for (int i = 0; i < parked; i++) {
      assertThatThrownBy(() -> servlet.service(batchOfOne(), responseOfAClientThatIsGone()))
          .isInstanceOf(IOException.class)
          .hasMessage("gone");
    }
    CompletableFuture<Void> begun = new CompletableFuture<>();
    try (Callers callers = new Callers()) {
      CompletableFuture<?> request =
          callers.call(
              () -> {
                servlet.service(batchOfOne(), responseThatTells(begun));
                return null;
              });
      result(begun);
      source.next().answer("630");
      result(request);
    }
    assertThat(HexFormat.of().formatHex(body.toByteArray()))
        .startsWith("060800100e1a00") // The rest comes later,
        .endsWith("090800" + "1001" + "1a03363330"); // and it came.
  }

  private static HttpServletRequest batchOfOne() {
    ByteArrayInputStream content =
        new ByteArrayInputStream(HexFormat.of().parseHex("0801" + "1203" + "0a0161"));
    return fake(
        HttpServletRequest.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "getMethod" -> "POST";
              case "getRequestURI" -> "/_geecache/g";
              case "getContextPath" -> "";
              case "getServletPath" -> "/_geecache";
              case "getPathInfo" -> "/g";
              case "getDispatcherType" -> DispatcherType.REQUEST;
              case "isAsyncSupported" -> false;
              case "getContentLengthLong" -> 7L;
              case "getHeaders" ->
                  arguments[0].equals("Content-Type")
                      ? Collections.enumeration(
                          List.of("application/vnd.geecache.batch.v1+protobuf"))
                      : Collections.emptyEnumeration();
              case "getInputStream" -> new Sent(content);
              default -> null;
            });
  }

  private HttpServletResponse responseThatTells(CompletableFuture<Void> begun) {
    return fake(
        HttpServletResponse.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "getOutputStream" -> {
                begun.complete(null);
                yield new Captured(body);
              }
              default -> null;
            });
  }

  private static HttpServletResponse responseOfAClientThatIsGone() {
    return fake(
        HttpServletResponse.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "getOutputStream" -> new Captured(new ByteArrayOutputStream());
              case "flushBuffer" -> throw new IOException("gone");
              default -> null;
            });
  }

  private Void serve(String key, CompletableFuture<Void> parking) throws Exception {
    servlet.service(request("/g/" + key, parking), response());
    return null;
  }

  /** Returns a request that tells when its answer was not there and it would be parked. */
  private static HttpServletRequest request(String pathInfo, CompletableFuture<Void> parking) {
    return fake(
        HttpServletRequest.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "getMethod" -> "GET";
              case "getRequestURI" -> "/_geecache" + pathInfo;
              case "getContextPath" -> "";
              case "getServletPath" -> "/_geecache";
              case "getPathInfo" -> pathInfo;
              case "getDispatcherType" -> DispatcherType.REQUEST;
              case "isAsyncSupported" -> {
                parking.complete(null);
                yield false;
              }
              case "getContentLengthLong" -> -1L;
              case "startAsync" -> throw new IllegalStateException("forbidden");
              default -> null;
            });
  }

  private HttpServletResponse response() {
    return fake(
        HttpServletResponse.class,
        (proxy, method, arguments) ->
            method.getName().equals("getOutputStream") ? new Captured(body) : null);
  }

  private static <T> T fake(Class<T> type, InvocationHandler answers) {
    return type.cast(
        Proxy.newProxyInstance(
            HTTPPoolServletTest.class.getClassLoader(), new Class<?>[] {type}, answers));
  }

  private static final class Sent extends ServletInputStream {
    private final ByteArrayInputStream content;

    Sent(ByteArrayInputStream content) {
      this.content = content;
    }

    @Override
    public int read() {
      return content.read();
    }

    @Override
    public boolean isFinished() {
      return content.available() == 0;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      throw new UnsupportedOperationException();
    }
  }

  private static final class Captured extends ServletOutputStream {
    private final ByteArrayOutputStream to;

    Captured(ByteArrayOutputStream to) {
      this.to = to;
    }

    @Override
    public void write(int b) {
      to.write(b);
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setWriteListener(WriteListener listener) {
      throw new UnsupportedOperationException();
    }
  }
}
