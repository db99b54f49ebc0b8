package geecache.bench.spring;

import geecache.bench.nodes.Await;
import geecache.bench.nodes.EmbeddedJetty;
import geecache.bench.nodes.Ends;
import geecache.bench.nodes.Ports;
import geecache.http.HTTPPool;
import geecache.spring.GeecacheCacheManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.interceptor.LoggingCacheErrorHandler;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

/** A node of geecache for each instance, in a Jetty of its own; all else are its defaults. */
final class GeecacheCaches implements Caches {
  /** Logs, as that of geecache does by default, and counts evicts. */
  private final class Failures extends LoggingCacheErrorHandler {
    @Override
    public void handleCacheEvictError(RuntimeException failure, Cache cache, Object key) {
      failedEvicts.incrementAndGet();
      super.handleCacheEvictError(failure, cache, key);
    }
  }

  private final List<EmbeddedJetty.Started> nodes = new ArrayList<>();
  private final AtomicLong failedEvicts = new AtomicLong();

  GeecacheCaches(int instances) throws Exception {
    List<String> urls =
        Arrays.stream(Ports.free(instances))
            .mapToObj(port -> "http://" + Ends.HOST + ":" + port)
            .toList();
    try {
      for (String url : urls) {
        Map<String, String> settings = new HashMap<>();
        settings.put("geecache.peers", String.join(",", urls));
        settings.put("geecache.self", url);
        settings.put("geecache.secret", "known-to-all-instances");
        settings.put("geecache.peer-timeout", "10s"); // No pause is to be taken for a failure.
        settings.put("geecache.handoff", "0"); // All end together.
        int port = Integer.parseInt(url.substring(url.lastIndexOf(':') + 1));
        nodes.add(EmbeddedJetty.serve(port, settings));
      }
    } catch (Exception failure) {
      close();
      throw failure;
    }
  }

  @Override
  public CacheManager manager(int instance, DataSourceTransactionManager transactions) {
    return GeecacheCacheManager.builder(nodes.get(instance).node(), List.of())
        .transactionsOf(transactions)
        .errorHandler(new Failures())
        .build();
  }

  @Override
  public void awaitReady() throws InterruptedException {
    for (EmbeddedJetty.Started each : nodes) {
      HTTPPool pool = HTTPPool.of(each.node());
      Await.until("contact of all nodes", () -> pool.inContact().size() == nodes.size() - 1);
    }
  }

  @Override
  public long failedEvicts() {
    return failedEvicts.get();
  }

  @Override
  public void close() {
    for (EmbeddedJetty.Started each : nodes) {
      try {
        each.server().stop();
      } catch (Exception failure) {
        throw new IllegalStateException("a node does not stop", failure);
      }
    }
  }
}
