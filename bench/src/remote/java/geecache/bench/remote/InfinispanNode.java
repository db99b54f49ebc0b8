package geecache.bench.remote;

import geecache.bench.nodes.Await;
import geecache.bench.nodes.Ends;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.infinispan.AdvancedCache;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.Configuration;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.distribution.DistributionManager;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.remoting.transport.jgroups.JGroupsTransport;

/**
 * A member of an Infinispan cluster of two: distributed, one owner a key, no near cache. The
 * network is as Infinispan ships it for TCP, but that the two find each other by address.
 */
final class InfinispanNode implements Node {
  private static final String STACK = "org/infinispan/configuration/default-jgroups-tcp.xml";

  private final AdvancedCache<String, byte[]> cache;

  InfinispanNode(Ends ends) throws IOException {
    System.setProperty("jgroups.bind.address", Ends.HOST);
    System.setProperty("jgroups.bind_addr", Ends.HOST); // Of the failure detector.
    System.setProperty("jgroups.bind.port", String.valueOf(ends.here()));
    System.setProperty("jgroups.port_range", "0");
    System.setProperty("jgroups.fd.port-offset", "1000"); // Its 50,000 would lead beyond 65,535.
    GlobalConfigurationBuilder global = GlobalConfigurationBuilder.defaultClusteredBuilder();
    global.transport().addProperty(JGroupsTransport.CONFIGURATION_XML, stack(ends));
    Configuration distributed =
        new ConfigurationBuilder()
            .clustering()
            .cacheMode(CacheMode.DIST_SYNC)
            .hash()
            .numOwners(1)
            .build();
    DefaultCacheManager manager = new DefaultCacheManager(global.build());
    manager.defineConfiguration("bench", distributed);
    cache = manager.<String, byte[]>getCache("bench").getAdvancedCache();
  }

  private static String stack(Ends ends) throws IOException {
    try (InputStream in = InfinispanNode.class.getClassLoader().getResourceAsStream(STACK)) {
      String shipped = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      String hosts = "%1$s[%2$d],%1$s[%3$d]".formatted(Ends.HOST, ends.here(), ends.there());
      String stack =
          shipped.replaceFirst(
              "<MPING [^>]*/>", "<TCPPING initial_hosts=\"" + hosts + "\" port_range=\"0\"/>");
      if (stack.equals(shipped)) {
        throw new IOException("no MPING in " + STACK);
      }
      return stack;
    }
  }

  @Override
  public void awaitOther() throws InterruptedException {
    DistributionManager distribution = cache.getDistributionManager();
    Await.until(
        "two members that share the segments",
        () ->
            distribution.getCacheTopology().getMembers().size() == 2
                && distribution.getCacheTopology().getPendingCH() == null);
  }

  @Override
  public boolean isRemote(String key) {
    return !cache.getDistributionManager().getCacheTopology().getDistribution(key).isPrimary();
  }

  @Override
  public void fill(List<String> keys) {
    keys.forEach(key -> cache.put(key, Values.of(key)));
  }

  @Override
  public byte[] get(String key) {
    return cache.get(key);
  }

  @Override
  public void getAll(Set<String> keys, BiConsumer<String, byte[]> values) {
    cache.getAll(keys).forEach(values);
  }

  @Override
  public long held() {
    return cache.getDataContainer().size();
  }
}
