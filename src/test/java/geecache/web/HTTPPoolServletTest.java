package geecache.web;

import static geecache.Callers.result;
import static org.assertj.core.api.Assertions.assertThat;

import geecache.Callers;
import geecache.GatedGetter;
import geecache.Geecache;
import geecache.LogCapture;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
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
        CompletableFuture<Void> request = callers.call(() -> serve(key));
        GatedGetter.Call load = source.next();
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

  private Void serve(String key) throws Exception {
    servlet.service(request("/g/" + key), response());
    return null;
  }

  private HttpServletRequest request(String pathInfo) {
    return fake(
        HttpServletRequest.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "getMethod" -> "GET";
              case "getRequestURI" -> "/_geecache" + pathInfo;
              case "getServletContext" -> context;
              case "getContextPath" -> "";
              case "getServletPath" -> "/_geecache";
              case "getPathInfo" -> pathInfo;
              case "getDispatcherType" -> DispatcherType.REQUEST;
              case "isAsyncSupported" -> false;
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
