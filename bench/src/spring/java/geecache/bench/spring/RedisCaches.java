package geecache.bench.spring;

import geecache.bench.nodes.Child;
import geecache.bench.nodes.Ends;
import geecache.bench.nodes.Ports;
import geecache.bench.nodes.RedisServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.cache.CacheManager;
import org.springframework.data.redis.cache.RedisCacheConfiguration;
import org.springframework.data.redis.cache.RedisCacheManager;
import org.springframework.data.redis.cache.RedisCacheWriter;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

/** A client of one Redis for each instance: Spring Data Redis over Lettuce, with a lock. */
final class RedisCaches implements Caches {
  private final List<LettuceConnectionFactory> clients = new ArrayList<>();
  private final boolean immediate;
  private final Duration lockSleep;
  private final int port;
  private final Child server;

  /**
   * @param immediate whether evicts and puts are done when they return; they are not by the
   *     defaults of Spring Data Redis over Lettuce
   * @param lockSleep how often whoever waits for the lock asks for it
   */
  RedisCaches(boolean immediate, Duration lockSleep) throws IOException, InterruptedException {
    this.immediate = immediate;
    this.lockSleep = lockSleep;
    this.port = Ports.free(1)[0];
    this.server = Child.start("redis", RedisServer.command(port));
    try {
      server.awaitText(RedisServer.READY);
    } catch (RuntimeException | InterruptedException failure) {
      server.close();
      throw failure;
    }
  }

  @Override
  public CacheManager manager(int instance, DataSourceTransactionManager transactions) {
    LettuceConnectionFactory client = new LettuceConnectionFactory(Ends.HOST, port);
    client.afterPropertiesSet();
    client.start();
    clients.add(client);
    return RedisCacheManager.builder(writer(client))
        .cacheDefaults(RedisCacheConfiguration.defaultCacheConfig())
        .transactionAware()
        .build();
  }

  private RedisCacheWriter writer(LettuceConnectionFactory client) {
    return RedisCacheWriter.create(
        client,
        writer ->
            writer.immediateWrites(immediate).enableLocking(lock -> lock.sleepTime(lockSleep)));
  }

  @Override
  public void awaitReady() {}

  /** What fails in Redis is thrown. */
  @Override
  public long failedEvicts() {
    return 0;
  }

  @Override
  public void close() {
    clients.forEach(LettuceConnectionFactory::destroy);
    server.close();
  }
}
