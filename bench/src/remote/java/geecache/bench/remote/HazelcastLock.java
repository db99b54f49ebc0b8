package geecache.bench.remote;

import com.hazelcast.map.IMap;
import geecache.bench.nodes.Ends;

/** A member of Hazelcast whose callers load a key that the map lacks, under the lock of the key. */
final class HazelcastLock implements ColdNode {
  private final HazelcastNode node;
  private final IMap<String, byte[]> map;

  HazelcastLock(Ends ends) {
    node = new HazelcastNode(ends);
    map = node.map();
  }

  @Override
  public void awaitOther() throws InterruptedException {
    node.awaitOther();
  }

  @Override
  public boolean isRemote(String key) {
    return node.isRemote(key);
  }

  @Override
  public byte[] get(String key) throws InterruptedException {
    byte[] value = map.get(key);
    if (value != null) {
      return value;
    }
    map.lock(key);
    try {
      value = map.get(key);
      if (value == null) {
        value = ColdKeys.load(key);
        map.set(key, value); // Unlike put, brings no former value.
      }
      return value;
    } finally {
      map.unlock(key);
    }
  }

  @Override
  public boolean isStored(String key) {
    return map.containsKey(key);
  }

  @Override
  public long held() {
    return node.held();
  }
}
