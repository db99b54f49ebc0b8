package geecache.bench.remote;

import geecache.bench.nodes.Child;
import geecache.bench.nodes.Ends;
import geecache.bench.nodes.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What is compared. Each has an owner's process and a caller's. */
enum RemoteSystem {
  GEECACHE,
  GEECACHE_GET,
  /** As the first, after removals: for {@code --removals} alone. */
  GEECACHE_REMOVALS,
  /** A node whose peer is one of golang/groupcache: for {@code bench/run go} alone. */
  GEECACHE_WITH_GO,
  HAZELCAST,
  INFINISPAN,
  REDIS,
  /** No cache: a map behind a socket, whose callers park. */
  BARE,
  /** Cold keys, for {@code bench/run lease} alone, as all below: the owner's getter loads them. */
  GETTER,
  /** The callers' loaders, by lease. */
  LEASE,
  /** The callers, each under a lock of Redisson. */
  REDISSON_LOCK,
  /** The callers, each under the map's lock of the key. */
  HAZELCAST_LOCK;

  static final String CONTAINER = "geecache.bench.container";

  /** The same for both processes and all systems. */
  static final List<String> HEAP = List.of("-Xms1g", "-Xmx1g", "-XX:+UseG1GC");

  /** What Hazelcast asks for, to reach the selectors of the JDK; the others do not mind. */
  private static final List<String> OPENED =
      List.of(
          "--add-modules=java.se",
          "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-opens=java.management/sun.management=ALL-UNNAMED",
          "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED");

  static final List<RemoteSystem> OF_REMOTE_GET =
      List.of(GEECACHE, GEECACHE_GET, HAZELCAST, INFINISPAN, REDIS, BARE);

  /** What loads cold keys. */
  static final List<RemoteSystem> OF_COLD_KEYS =
      List.of(GETTER, LEASE, REDISSON_LOCK, HAZELCAST_LOCK);

  /** What has a get of many keys. */
  static final List<RemoteSystem> OF_MANY_KEYS = List.of(GEECACHE, HAZELCAST, INFINISPAN, REDIS);

  /** As options have it. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** As the figures have it. */
  String title() {
    return this == GEECACHE_GET ? "geecache, one GET a key" : label();
  }

  /** Starts this side in this process. The owner's side is started first. */
  Node start(Ends ends) throws Exception {
    return switch (this) {
      case GEECACHE -> new GeecacheNode(ends, System.getProperty(CONTAINER), "batch", false);
      case GEECACHE_GET -> new GeecacheNode(ends, System.getProperty(CONTAINER), "get", false);
      case GEECACHE_REMOVALS ->
          new GeecacheNode(ends, System.getProperty(CONTAINER), "batch", true);
      case GEECACHE_WITH_GO -> GeecacheNode.withGo(ends, System.getProperty(CONTAINER));
      case HAZELCAST -> new HazelcastNode(ends);
      case INFINISPAN -> new InfinispanNode(ends);
      case REDIS -> new RedisNode(ends);
      case BARE -> new BareNode(ends);
      case GETTER -> new ColdGeecache(ends, System.getProperty(CONTAINER), false);
      case LEASE -> new ColdGeecache(ends, System.getProperty(CONTAINER), true);
      case REDISSON_LOCK -> new RedissonLock(ends);
      case HAZELCAST_LOCK -> new HazelcastLock(ends);
    };
  }

  /** Starts the owner's process, and returns once it is ready. */
  Child owner(Ends ends, String container) throws IOException, InterruptedException {
    Child owner =
        Child.start(
            label() + "-owner",
            isOfRedis() ? RedisServer.command(ends.here()) : java(Owner.class, container, ends));
    try {
      owner.awaitText(isOfRedis() ? RedisServer.READY : Owner.READY);
      return owner;
    } catch (RuntimeException | InterruptedException failure) {
      owner.close();
      throw failure;
    }
  }

  boolean isOfRedis() {
    return this == REDIS || this == REDISSON_LOCK;
  }

  /** Starts the caller's process of cold keys. */
  Child coldCaller(Ends ends, String container, int warmUpMillis, int millis) throws IOException {
    return Child.start(
        label() + "-caller", java(ColdCaller.class, container, ends, warmUpMillis, millis));
  }

  /** Starts the caller's process. */
  Child caller(Ends ends, String container, int warmUpMillis, int millis, int keysPerGet)
      throws IOException {
    return Child.start(
        label() + "-caller", java(Caller.class, container, ends, warmUpMillis, millis, keysPerGet));
  }

  private List<String> java(Class<?> main, String container, Ends ends, int... numbers) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(HEAP);
    command.addAll(OPENED);
    command.add("-D" + CONTAINER + "=" + container);
    command.add("-D" + Load.VIRTUAL + "=" + Boolean.getBoolean(Load.VIRTUAL));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName(), name()));
    command.addAll(List.of(String.valueOf(ends.here()), String.valueOf(ends.there())));
    Arrays.stream(numbers).mapToObj(String::valueOf).forEach(command::add);
    return command;
  }
}
