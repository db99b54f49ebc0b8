package geecache.bench.remote;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.map.LocalMapStats;
import geecache.bench.nodes.Await;
import geecache.bench.nodes.Ends;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * A member of a Hazelcast cluster of two, with its defaults; but that the map has no back-up, which
 * would lie on the caller's side.
 */
final class HazelcastNode implements Node {
  private static final String MAP = "bench";

  private final HazelcastInstance member;
  private final IMap<String, byte[]> map;

  HazelcastNode(Ends ends) {
    Config config =
        new Config()
            .setProperty("hazelcast.phone.home.enabled", "false")
            .setProperty("hazelcast.socket.bind.any", "false")
            .addMapConfig(new MapConfig(MAP).setBackupCount(0));
    NetworkConfig network =
        config.getNetworkConfig().setPort(ends.here()).setPortAutoIncrement(false);
    network.getInterfaces().setEnabled(true).addInterface(Ends.HOST);
    JoinConfig join = network.getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    join.getTcpIpConfig()
        .setEnabled(true)
        .addMember(Ends.HOST + ":" + ends.here())
        .addMember(Ends.HOST + ":" + ends.there());
    member = Hazelcast.newHazelcastInstance(config);
    map = member.getMap(MAP);
  }

  IMap<String, byte[]> map() {
    return map;
  }

  @Override
  public void awaitOther() throws InterruptedException {
    Await.until(
        "two members that share the partitions",
        () ->
            member.getCluster().getMembers().size() == 2
                && member.getPartitionService().isClusterSafe()
                && owners() == 2);
  }

  private long owners() {
    return member.getPartitionService().getPartitions().stream()
        .map(partition -> partition.getOwner())
        .distinct()
        .count();
  }

  @Override
  public boolean isRemote(String key) {
    return !member.getPartitionService().getPartition(key).getOwner().localMember();
  }

  @Override
  public void fill(List<String> keys) {
    keys.forEach(key -> map.set(key, Values.of(key)));
  }

  @Override
  public byte[] get(String key) {
    return map.get(key);
  }

  @Override
  public void getAll(Set<String> keys, BiConsumer<String, byte[]> values) {
    map.getAll(keys).forEach(values);
  }

  @Override
  public long held() {
    LocalMapStats stats = map.getLocalMapStats();
    return stats.getOwnedEntryCount() + stats.getBackupEntryCount();
  }
}
