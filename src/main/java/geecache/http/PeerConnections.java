package geecache.http;

import geecache.cluster.LinkFailure;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.DefaultConnectionKeepAliveStrategy;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.io.LeaseRequest;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.impl.DefaultConnectionReuseStrategy;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.protocol.DefaultHttpProcessor;
import org.apache.hc.core5.http.protocol.HttpProcessor;
import org.apache.hc.core5.http.protocol.RequestConnControl;
import org.apache.hc.core5.http.protocol.RequestContent;
import org.apache.hc.core5.http.protocol.RequestTargetHost;
import org.apache.hc.core5.http.protocol.RequestUserAgent;
import org.apache.hc.core5.http.ssl.TLS;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.pool.PoolStats;
import org.apache.hc.core5.ssl.SSLContexts;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a node to its peers, which are kept and shared. No redirect is followed. If an
 * answer is longer than it announced, the bytes after it are not searched for the next answer. Safe
 * for use by many threads.
 *
 * <p>A peer may close a connection that is kept at the very moment when a request is sent over it,
 * although it is well. Such a request failed before the first byte of an answer, and is sent once
 * more, over a new connection. The peer may have read it before: both bear the same number, and
 * what nodes ask each other has the same effect twice as once. Nothing else is sent again.
 */
final class PeerConnections implements AutoCloseable {
  private static final TimeValue IDLE = TimeValue.ofSeconds(30);
  private static final TimeValue VALIDATED = TimeValue.ofSeconds(1);

  private final PoolingHttpClientConnectionManager pool;
  private final Timeout silence;
  private final HttpRequestExecutor executor = new HttpRequestExecutor();
  private final HttpProcessor headers =
      new DefaultHttpProcessor(
          new RequestContent(),
          new RequestTargetHost(),
          new RequestConnControl(),
          new RequestUserAgent("geecache"));

  /**
   * Opens none yet.
   *
   * @param most the most connections to one peer
   * @param tlsLife how long a connection over TLS is used
   */
  PeerConnections(PeerOptions options, int most, TimeValue tlsLife) {
    this.silence = Timeout.of(options.timeout());
    ConnectionConfig inTheClear =
        ConnectionConfig.custom()
            .setConnectTimeout(silence) // A TLS handshake may take as long again.
            .setSocketTimeout(silence)
            .setValidateAfterInactivity(VALIDATED)
            .build();
    ConnectionConfig overTls = ConnectionConfig.copy(inTheClear).setTimeToLive(tlsLife).build();
    this.pool =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
            .setMaxConnPerRoute(most)
            .setConnectionFactory(
                ManagedHttpClientConnectionFactory.builder()
                    .responseParserFactory(DefaultHttpResponseParserFactory.INSTANCE)
                    .build())
            .setTlsSocketStrategy(tls(options.tls()))
            .setConnectionConfigResolver(
                route -> isTls(route.getTargetHost()) ? overTls : inTheClear)
            .build();
  }

  /**
   * Allows TLS 1.2 and 1.3, and requires a certificate for the host in the URL. Asks {@code given}
   * for each connection.
   */
  private static TlsSocketStrategy tls(@Nullable Supplier<SSLContext> given) {
    SSLContext ofJvm = given == null ? SSLContexts.createDefault() : null;
    return (socket, host, port, config, context) ->
        ClientTlsStrategyBuilder.create()
            .setSslContext(given == null ? ofJvm : given.get())
            .setTlsVersions(TLS.V_1_3, TLS.V_1_2)
            .buildClassic()
            .upgrade(socket, host, port, config, context);
  }

  private static boolean isTls(HttpHost host) {
    return URIScheme.HTTPS.same(host.getSchemeName());
  }

  /** Turns an answer into a result, and reads as much of its body as it needs. */
  @FunctionalInterface
  interface Reader<T> {
    /** Reads {@code body}, which is that of {@code response}. */
    T read(ClassicHttpResponse response, InputStream body) throws IOException;
  }

  /**
   * Sends {@code request}, and blocks until {@code reader} has read the answer. The connection is
   * kept if the answer was read to its end. To cancel the request closes the connection.
   *
   * @param patience how long the peer may be silent
   * @throws LinkFailure if all connections to the peer are in use
   */
  <T> T exchange(HttpHost peer, HttpUriRequestBase request, Timeout patience, Reader<T> reader)
      throws IOException, HttpException {
    HttpClientContext context = HttpClientContext.create();
    headers.process(request, request.getEntity(), context);
    ConnectionEndpoint endpoint = lease(peer, request);
    TimeValue keepFor = TimeValue.ZERO_MILLISECONDS;
    try {
      ClassicHttpResponse response = answer(endpoint, request, patience, context);
      Body body = Body.of(response);
      T result = reader.read(response, body);
      if (body.isRead()) {
        keepFor = keepFor(request, response, context);
      }
      return result;
    } finally {
      if (!TimeValue.isPositive(keepFor)) {
        endpoint.close(CloseMode.IMMEDIATE);
      }
      pool.release(endpoint, null, keepFor);
    }
  }

  private static HttpRoute routeTo(HttpHost peer) {
    return new HttpRoute(RoutingSupport.normalize(peer, DefaultSchemePortResolver.INSTANCE));
  }

  /** The connections to one peer, and how many there may be. */
  record Use(int inUse, int idle, int most) {}

  Use use(HttpHost peer) {
    PoolStats stats = pool.getStats(routeTo(peer));
    return new Use(stats.getLeased(), stats.getAvailable(), stats.getMax());
  }

  private ConnectionEndpoint lease(HttpHost peer, HttpUriRequestBase request) throws IOException {
    LeaseRequest lease = pool.lease("peer", routeTo(peer), silence, null);
    request.setDependency(lease);
    try {
      ConnectionEndpoint endpoint = lease.get(silence);
      request.setDependency(
          () -> {
            endpoint.close(CloseMode.IMMEDIATE);
            return true;
          });
      return endpoint;
    } catch (TimeoutException full) {
      throw LinkFailure.unasked("all connections to " + peer.toURI() + " are in use", full);
    } catch (InterruptedException interrupt) {
      lease.cancel();
      Thread.currentThread().interrupt();
      throw LinkFailure.silent("interrupted", interrupt);
    } catch (ExecutionException closed) {
      throw LinkFailure.silent("the connection cannot be used: " + closed, closed);
    }
  }

  private ClassicHttpResponse answer(
      ConnectionEndpoint endpoint,
      HttpUriRequestBase request,
      Timeout patience,
      HttpClientContext context)
      throws IOException, HttpException {
    if (endpoint.isConnected()) {
      try {
        return answerOverOpen(endpoint, request, patience, context);
      } catch (ClosedByPeerException closed) {
        endpoint.close(CloseMode.IMMEDIATE);
      }
    }
    requireNotCancelled(request);
    pool.connect(endpoint, null, context);
    try {
      return answerOverOpen(endpoint, request, patience, context);
    } catch (ClosedByPeerException closed) {
      throw closed.failure;
    }
  }

  /** A connection ended before the first byte of an answer. */
  private static final class ClosedByPeerException extends Exception {
    private static final long serialVersionUID = 1;

    private final IOException failure;

    ClosedByPeerException(IOException failure) {
      super(null, failure, false, false); // Nobody reads the stack trace.
      this.failure = failure;
    }
  }

  private ClassicHttpResponse answerOverOpen(
      ConnectionEndpoint endpoint,
      HttpUriRequestBase request,
      Timeout patience,
      HttpClientContext context)
      throws IOException, HttpException, ClosedByPeerException {
    requireNotCancelled(request);
    endpoint.setSocketTimeout(patience);
    Receipt receipt = new Receipt();
    try {
      return endpoint.execute(
          "peer",
          request,
          (asked, connection, inContext) -> {
            receipt.begin(connection);
            return executor.execute(asked, connection, inContext);
          },
          context);
    } catch (SocketTimeoutException silent) {
      throw silent;
    } catch (IOException failure) {
      if (receipt.hasBegun() || request.isCancelled()) {
        throw failure;
      }
      throw new ClosedByPeerException(failure);
    }
  }

  /** Whether a byte of an answer has come. For one thread. */
  private static final class Receipt {
    private @Nullable EndpointDetails connection;
    private long before;

    void begin(HttpClientConnection open) {
      connection = open.getEndpointDetails();
      before = connection == null ? 0 : connection.getReceivedBytesCount();
    }

    boolean hasBegun() {
      return connection != null && connection.getReceivedBytesCount() > before;
    }
  }

  private static void requireNotCancelled(HttpUriRequestBase request) throws IOException {
    if (request.isCancelled()) {
      throw LinkFailure.silent("it took too long", null);
    }
  }

  /** Heeds {@code Keep-Alive: timeout=}; zero if the connection ends with this answer. */
  private static TimeValue keepFor(
      HttpUriRequestBase request, ClassicHttpResponse response, HttpClientContext context) {
    return DefaultConnectionReuseStrategy.INSTANCE.keepAlive(request, response, context)
        ? DefaultConnectionKeepAliveStrategy.INSTANCE.getKeepAliveDuration(response, context)
        : TimeValue.ZERO_MILLISECONDS;
  }

  /** The body of an answer; knows whether it was read to its end. */
  private static final class Body extends FilterInputStream {
    private boolean read;

    private Body(InputStream in, boolean read) {
      super(in);
      this.read = read;
    }

    static Body of(ClassicHttpResponse response) throws IOException {
      return response.getEntity() == null
          ? new Body(InputStream.nullInputStream(), true)
          : new Body(response.getEntity().getContent(), false);
    }

    boolean isRead() {
      return read;
    }

    @Override
    public int read() throws IOException {
      int octet = super.read();
      read |= octet < 0;
      return octet;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = super.read(bytes, offset, length);
      read |= count < 0;
      return count;
    }
  }

  /** Closes connections that were idle for long. */
  void closeLongIdle() {
    pool.closeExpired();
    pool.closeIdle(IDLE);
  }

  /** Closes all connections that are not in use. */
  void closeIdle() {
    pool.closeIdle(TimeValue.ZERO_MILLISECONDS);
  }

  /** Closes all connections. */
  @Override
  public void close() {
    pool.close(CloseMode.IMMEDIATE);
  }
}
