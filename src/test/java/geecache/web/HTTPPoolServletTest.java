package geecache.web;

import static geecache.Callers.result;
import static java.util.Collections.enumeration;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import geecache.Callers;
import geecache.GatedGetter;
import geecache.Geecache;
import geecache.LogCapture;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncListener;
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
import java.lang.Thread.UncaughtExceptionHandler;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
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
                case "getInitParameterNames" -> enumeration(List.of("geecache.peer-parked"));
                case "getInitParameter" -> arguments[0].equals("geecache.peer-parked") ? "1" : null;
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

  /** Some do once the client has left, and what was theirs then throws as it likes. */
  @Test
  void anAnswerThatTheContainerHasEndedEndsQuietly() throws Exception {
    AtomicBoolean recycled = new AtomicBoolean();
    CountDownLatch ended = new CountDownLatch(1);
    AsyncContext over =
        fake(
            AsyncContext.class,
            (proxy, method, arguments) -> {
              if (method.getName().equals("complete")) {
                ended.countDown();
                throw new IllegalStateException("already completed");
              }
              return null;
            });
    AtomicReference<Throwable> uncaught = new AtomicReference<>();
    UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> uncaught.set(failure));
    try {
      servlet.service(batch("/g", over), response(() -> recycled.set(true), recycled::get));
      source.next().answer("too late");
      ended.await();
      Geecache.of(context).close(); // Waits for its threads.
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
    assertThat(uncaught).hasValue(null);
  }

  /** It may be another client's by then. */
  @Test
  void whatTheContainerHasEndedIsLeftAlone() throws Exception {
    List<String> late = Collections.synchronizedList(new ArrayList<>());
    AtomicReference<AsyncListener> listener = new AtomicReference<>();
    AsyncContext context =
        fake(
            AsyncContext.class,
            (proxy, method, arguments) -> {
              switch (method.getName()) {
                case "addListener" -> listener.set((AsyncListener) arguments[0]);
                case "complete", "dispatch" -> late.add(method.getName());
                default -> {}
              }
              return null;
            });
    servlet.service(batch("/g", context), response());
    listener.get().onError(null);
    int written = body.size();
    source.next().answer("for who has left");
    Geecache.of(this.context).close(); // Waits for its threads.
    assertThat(late).isEmpty();
    assertThat(body.size()).isEqualTo(written);
  }

  /** One answer may stay open. */
  @Test
  void whoLeavesBeforeTheAnswerBeginsMakesRoom() throws Exception {
    AsyncContext async = fake(AsyncContext.class, (proxy, method, arguments) -> null);
    HttpServletResponse reset =
        response(
            () -> {
              throw new IOException("connection reset");
            },
            () -> false);
    assertThatIOException().isThrownBy(() -> servlet.service(batch("/g", async), reset));
    body.reset();

    servlet.service(batch("/g", async), response());

    byte restPending = 14;
    assertThat(body.toByteArray()).startsWith(6, 0x08, 0, 0x10, restPending, 0x1a, 0);
  }

  private Void serve(String key, CompletableFuture<Void> parking) throws Exception {
    servlet.service(request("/g/" + key, parking), response());
    return null;
  }

  /** Returns a request that tells when its answer was not there and it would be parked. */
  private HttpServletRequest request(String pathInfo, CompletableFuture<Void> parking) {
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
              case "isAsyncSupported" -> {
                parking.complete(null);
                yield false;
              }
              case "getContentLengthLong" -> -1L;
              case "startAsync" -> throw new IllegalStateException("forbidden");
              default -> null;
            });
  }

  /** Asks for the key {@code a}, and may wait for it. */
  private HttpServletRequest batch(String pathInfo, AsyncContext async) {
    byte[] body = {0x08, 1, 0x12, 3, 0x0a, 1, 'a'};
    Given given = new Given(body);
    return fake(
        HttpServletRequest.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "getMethod" -> "POST";
              case "getRequestURI" -> "/_geecache" + pathInfo;
              case "getServletContext" -> context;
              case "getContextPath" -> "";
              case "getServletPath" -> "/_geecache";
              case "getPathInfo" -> pathInfo;
              case "getDispatcherType" -> DispatcherType.REQUEST;
              case "isAsyncSupported" -> true;
              case "getContentLengthLong" -> (long) body.length;
              case "getHeader" ->
                  arguments[0].equals("Content-Type")
                      ? "application/vnd.geecache.batch.v1+protobuf"
                      : null;
              case "getHeaders" ->
                  arguments[0].equals("Content-Type")
                      ? enumeration(List.of("application/vnd.geecache.batch.v1+protobuf"))
                      : null;
              case "getInputStream" -> given;
              case "isAsyncStarted" -> false;
              case "startAsync" -> async;
              default -> null;
            });
  }

  private interface Flush {
    void run() throws IOException;
  }

  private HttpServletResponse response(Flush flush, BooleanSupplier recycled) {
    ServletOutputStream out =
        new Captured(body) {
          @Override
          public void write(int b) {
            if (recycled.getAsBoolean()) {
              throw new NullPointerException("recycled");
            }
            super.write(b);
          }
        };
    return fake(
        HttpServletResponse.class,
        (proxy, method, arguments) -> {
          if (method.getName().equals("flushBuffer")) {
            flush.run();
          }
          return switch (method.getName()) {
            case "getOutputStream" -> out;
            case "getBufferSize" -> 8192;
            default -> null;
          };
        });
  }

  private HttpServletResponse response() {
    return response(() -> {}, () -> false);
  }

  private static <T> T fake(Class<T> type, InvocationHandler answers) {
    return type.cast(
        Proxy.newProxyInstance(
            HTTPPoolServletTest.class.getClassLoader(), new Class<?>[] {type}, answers));
  }

  private static final class Given extends ServletInputStream {
    private final ByteArrayInputStream from;

    Given(byte[] bytes) {
      this.from = new ByteArrayInputStream(bytes);
    }

    @Override
    public int read() {
      return from.read();
    }

    @Override
    public boolean isFinished() {
      return from.available() == 0;
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

  private static class Captured extends ServletOutputStream {
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
