package geecache.bench.remote;

import geecache.bench.nodes.Ends;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.RedisClient;

/** A pool of Jedis connections, one for each thread; the owner is Redis itself. */
final class RedisNode implements Node {
  private final RedisClient redis;

  RedisNode(Ends ends) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(Load.THREADS);
    pool.setMaxIdle(Load.THREADS);
    pool.setMinIdle(Load.THREADS);
    redis = RedisClient.builder().hostAndPort(Ends.HOST, ends.there()).poolConfig(pool).build();
  }

  @Override
  public boolean isRemote(String key) {
    return true;
  }

  @Override
  public void fill(List<String> keys) {
    keys.forEach(key -> redis.set(Values.bytes(key), Values.of(key)));
  }

  @Override
  public byte[] get(String key) {
    return redis.get(Values.bytes(key));
  }

  @Override
  public void getAll(Set<String> keys, BiConsumer<String, byte[]> values) {
    List<byte[]> found = redis.mget(keys.stream().map(Values::bytes).toArray(byte[][]::new));
    int at = 0;
    for (String key : keys) {
      values.accept(key, found.get(at++));
    }
  }

  @Override
  public long held() {
    return 0;
  }
}
