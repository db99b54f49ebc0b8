package geecache.bench.remote;

import geecache.bench.nodes.Ends;
import org.redisson.Redisson;
import org.redisson.api.RBucket;
import org.redisson.api.RLock;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.ByteArrayCodec;
import org.redisson.config.Config;

/**
 * A client of Redis by Redisson, with its defaults, whose callers load a key that Redis lacks under
 * a lock of that key's own. The other side is Redis itself.
 */
final class RedissonLock implements ColdNode {
  private final RedissonClient redisson;

  RedissonLock(Ends ends) {
    Config config = new Config();
    config.useSingleServer().setAddress("redis://" + Ends.HOST + ":" + ends.there());
    redisson = Redisson.create(config);
  }

  private RBucket<byte[]> bucket(String key) {
    return redisson.getBucket(key, ByteArrayCodec.INSTANCE);
  }

  @Override
  public boolean isRemote(String key) {
    return true;
  }

  @Override
  public byte[] get(String key) throws InterruptedException {
    RBucket<byte[]> bucket = bucket(key);
    byte[] value = bucket.get();
    if (value != null) {
      return value;
    }
    RLock lock = redisson.getLock("lock:" + key);
    lock.lock();
    try {
      value = bucket.get();
      if (value == null) {
        value = ColdKeys.load(key);
        bucket.set(value);
      }
      return value;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isStored(String key) {
    return bucket(key).isExists();
  }

  @Override
  public long held() {
    return 0;
  }
}
