package geecache.source;

import geecache.OverloadedException;
import geecache.internal.DaemonThreads;
import geecache.internal.TraceHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.classic.MinimalHttpClient;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.MessageHeaders;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to one origin, over connections that are kept. It does not retry, keeps no
 * cookies, does not decompress, and follows redirects only if allowed and never to another origin.
 * A timer aborts an exchange that takes too long, even if each of its bytes arrives in time. If an
 * answer is longer than it declares, the client does not search the excess for the next answer.
 * Messages name the origin but nothing else of a URL, since the rest may hold a secret. Safe for
 * use by many threads.
 */
final class OriginClient implements AutoCloseable {
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final int MAX_REDIRECTS = 5;
  private static final int MAX_SKIPPED_BYTES = 64 << 10;
  private static final TimeValue IDLE = TimeValue.ofSeconds(30);

  private final HttpHost origin;
  private final Duration timeLimit;
  private final int maxBytes;
  private final boolean redirects;
  private final PoolingHttpClientConnectionManager connections;
  private final MinimalHttpClient client;
  private final RequestConfig limits;
  private final ScheduledThreadPoolExecutor timer;

  OriginClient(
      URI origin,
      Duration timeLimit,
      Duration connectTimeout,
      int maxConnections,
      int maxBytes,
      boolean redirects) {
    this.origin = new HttpHost(origin.getScheme(), origin.getHost(), origin.getPort());
    this.timeLimit = timeLimit;
    this.maxBytes = maxBytes;
    this.redirects = redirects;
    Timeout limit = Timeout.of(timeLimit);
    this.connections =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
            .setMaxConnPerRoute(maxConnections)
            .setConnectionFactory(
                ManagedHttpClientConnectionFactory.builder()
                    .responseParserFactory(DefaultHttpResponseParserFactory.INSTANCE)
                    .build())
            .setDefaultConnectionConfig(
                ConnectionConfig.custom()
                    .setConnectTimeout(Timeout.of(connectTimeout))
                    .setSocketTimeout(limit)
                    .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                    .build())
            .build();
    this.client = HttpClients.createMinimal(connections);
    this.limits =
        RequestConfig.custom().setConnectionRequestTimeout(limit).setResponseTimeout(limit).build();
    this.timer = new ScheduledThreadPoolExecutor(1, new DaemonThreads("geecache-source-timer-"));
    timer.setRemoveOnCancelPolicy(true);
    timer.setKeepAliveTime(10, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
  }

  /**
   * The answer of an origin.
   *
   * @param body empty unless the code is 200
   */
  record OriginAnswer(int code, MessageHeaders headers, byte[] body) {}

  /**
   * A request and those that it is redirected to, under one time limit. Interleaving: the timer
   * fires between two requests, and cancels the first, which has ended. So the next request looks
   * at {@code isLate} after it has put itself in place.
   */
  private final class Exchange implements Runnable {
    private final int maxBytes;

    /** Written by the caller's thread, read by the timer. */
    private volatile @Nullable HttpUriRequestBase request;

    /** Written by the timer, read by the caller's thread. */
    private volatile boolean isLate;

    Exchange(int maxBytes) {
      this.maxBytes = maxBytes;
    }

    void begin(HttpUriRequestBase next) throws IOException {
      request = next;
      if (isLate) {
        throw new IOException("the time limit has passed before the redirect");
      }
    }

    void cancel() {
      HttpUriRequestBase current = request;
      if (current != null) {
        current.cancel();
      }
    }

    /** Runs on the timer. */
    @Override
    public void run() {
      isLate = true;
      cancel();
    }
  }

  /** An answer has more bytes than it may. */
  static final class TooLongAnswer extends IOException {
    private static final long serialVersionUID = 1;

    private TooLongAnswer(String message) {
      super(message);
    }
  }

  /**
   * Returns the whole answer; blocks until it has arrived.
   *
   * @throws OverloadedException if no connection was free within the time limit
   */
  OriginAnswer get(URI url, Map<String, String> headers) throws IOException, OverloadedException {
    return get(url, headers, maxBytes);
  }

  /** As {@link #get(URI, Map)}, for an answer of at most {@code most} bytes. */
  OriginAnswer get(URI url, Map<String, String> headers, int most)
      throws IOException, OverloadedException {
    Exchange exchange = new Exchange(most);
    Future<?> limit =
        timer.schedule(exchange, TimeUnit.NANOSECONDS.convert(timeLimit), TimeUnit.NANOSECONDS);
    try {
      return follow(url, headers, exchange);
    } catch (ConnectionRequestTimeoutException allInUse) {
      throw new OverloadedException("overloaded: no connection to " + origin + " was free");
    } catch (IOException | RuntimeException failure) {
      if (exchange.isLate) {
        throw new IOException(
            origin + " did not answer within " + timeLimit.toMillis() + " ms", failure);
      }
      throw failure;
    } finally {
      limit.cancel(false);
      connections.closeIdle(IDLE);
    }
  }

  private OriginAnswer follow(URI url, Map<String, String> headers, Exchange exchange)
      throws IOException {
    URI at = url;
    for (int i = 0; i <= MAX_REDIRECTS; i++) {
      HttpUriRequestBase request = request(at, headers);
      exchange.begin(request);
      try (ClassicHttpResponse response = client.executeOpen(origin, request, context())) {
        URI location = redirects ? location(at, response) : null;
        if (location == null) {
          return answer(response, exchange);
        }
        skip(response, exchange);
        at = location;
      }
    }
    throw new IOException(origin + " redirects more than " + MAX_REDIRECTS + " times");
  }

  private static HttpUriRequestBase request(URI url, Map<String, String> headers) {
    HttpUriRequestBase request = new HttpUriRequestBase("GET", url);
    TraceHeaders.current().forEach(request::setHeader);
    headers.forEach(request::setHeader);
    return request;
  }

  private HttpClientContext context() {
    HttpClientContext context = HttpClientContext.create();
    context.setRequestConfig(limits);
    return context;
  }

  private @Nullable URI location(URI from, ClassicHttpResponse response) throws IOException {
    Header location = response.getFirstHeader("Location");
    if (!REDIRECTS.contains(response.getCode()) || location == null) {
      return null;
    }
    URI to;
    try {
      to = from.resolve(location.getValue());
    } catch (IllegalArgumentException malformed) {
      throw new IOException(origin + " redirects to a malformed URL");
    }
    if (!from.getScheme().equalsIgnoreCase(to.getScheme())
        || !from.getRawAuthority().equalsIgnoreCase(to.getRawAuthority())) {
      throw new IOException(origin + " redirects to another origin");
    }
    return to;
  }

  private OriginAnswer answer(ClassicHttpResponse response, Exchange exchange) throws IOException {
    if (response.getCode() != 200) {
      skip(response, exchange);
      return new OriginAnswer(response.getCode(), response, new byte[0]);
    }
    byte[] body = read(response, exchange.maxBytes, exchange);
    if (body == null) {
      throw new TooLongAnswer(origin + " answered more than " + exchange.maxBytes + " bytes");
    }
    return new OriginAnswer(200, response, body);
  }

  /** Reads a body that is not needed, if it is short, so that the connection can be kept. */
  private static void skip(ClassicHttpResponse response, Exchange exchange) throws IOException {
    read(response, MAX_SKIPPED_BYTES, exchange);
  }

  /**
   * Returns the body; null if it is longer than {@code max} bytes. In that case the connection is
   * closed, and the rest is not read.
   */
  private static byte @Nullable [] read(ClassicHttpResponse response, int max, Exchange exchange)
      throws IOException {
    if (response.getEntity() == null) {
      return new byte[0];
    }
    InputStream body = response.getEntity().getContent();
    byte[] bytes = body.readNBytes(max);
    if (bytes.length == max && body.read() >= 0) {
      exchange.cancel();
      return null;
    }
    body.close();
    return bytes;
  }

  /** Aborts open requests, and closes all connections. */
  @Override
  public void close() {
    timer.shutdownNow();
    client.close(CloseMode.IMMEDIATE);
    connections.close(CloseMode.IMMEDIATE);
  }
}
