package geecache.http;

import geecache.cluster.ClusterOptions;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How a node deals with its peers.
 *
 * @param secrets the secrets that peers show each other; without one, nothing can be changed across
 *     the cluster
 * @param publicReads whether {@code GET} and {@code HEAD} need no secret even if one is set
 * @param requests how peers are asked for values
 * @param timeout how long a peer may be silent before it counts as failed, at least 500 ms; also
 *     the limit for connecting
 * @param connections the most connections to one peer on which an answer has not begun
 * @param maxOpenAnswers the most answers of one peer that have begun and stay open for keys that
 *     are loading; also the most answers that this node keeps open for all its peers together
 * @param maxQueuedKeys the most keys that wait to be asked of one peer; beyond it, gets fail as
 *     overloaded
 * @param removalLogSize the most removals that are remembered for nodes that are out of contact
 * @param maxChanges the most changes (removals, sets, clearings) by this node's callers that are
 *     under way at a time; beyond it, a change fails as overloaded, and nothing is done
 * @param maxBodies the most bodies of requests that are read at once; each holds a thread of the
 *     container. A request beyond it is refused as overloaded
 * @param maxBodyBytes the most bytes of bodies that are read or understood at once. A request that
 *     would make them more is refused as overloaded, unless its body is the only one
 * @param bodyTimeout how long the body of a request may take to come
 * @param warmJoin how long after a change of the nodes this node asks the former owner of a key
 *     before the source; zero to never ask
 * @param handoff the most time that this node spends on handing its entries over when it leaves, at
 *     most 30 s; zero to hand over nothing
 * @param readyRequiresContact whether, in its first minute with peers, this node is ready only once
 *     it is in contact with one of them; a node that no peer answers is ready all the same, since
 *     it may be the first one to start
 * @param groupcache whether Go nodes may ask this one, and the ring is golang/groupcache's; must be
 *     the same on all nodes
 * @param groupcachePeers the base URLs of the Go nodes, empty without {@code groupcache};
 *     unmodifiable
 * @param tls gives the context for each new connection to a peer with an https URL, for example
 *     {@link TlsStores}; null for the JVM's trust store and no certificate of this node
 */
public record PeerOptions(
    Secrets secrets,
    boolean publicReads,
    Requests requests,
    Duration timeout,
    int connections,
    int maxOpenAnswers,
    int maxQueuedKeys,
    int removalLogSize,
    int maxChanges,
    int maxBodies,
    long maxBodyBytes,
    Duration bodyTimeout,
    Duration warmJoin,
    Duration handoff,
    boolean readyRequiresContact,
    boolean groupcache,
    Set<String> groupcachePeers,
    @Nullable Supplier<SSLContext> tls) {

  /** Twice the time between the signs of life in an open answer. */
  private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(500);

  private static final Duration LONGEST_HANDOFF = Duration.ofSeconds(30);

  /** How peers are asked for values. */
  public enum Requests {
    /** Many keys in one {@code POST}. */
    BATCH,
    /** One key in one {@code GET}. */
    GET
  }

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if a limit is, or a URL; the message names it
   */
  public PeerOptions {
    if (timeout.compareTo(SHORTEST_TIMEOUT) < 0) {
      throw new IllegalArgumentException("timeout must be at least 500 ms: " + timeout);
    }
    requirePositive("connections", connections);
    requirePositive("maxOpenAnswers", maxOpenAnswers);
    requirePositive("maxQueuedKeys", maxQueuedKeys);
    requirePositive("removalLogSize", removalLogSize);
    requirePositive("maxChanges", maxChanges);
    requirePositive("maxBodies", maxBodies);
    if (maxBodyBytes <= 0) {
      throw new IllegalArgumentException("maxBodyBytes must be positive: " + maxBodyBytes);
    }
    requireTime("bodyTimeout", bodyTimeout, Duration.ofHours(1));
    requireTime("warmJoin", warmJoin, Duration.ofHours(1));
    requireTime("handoff", handoff, LONGEST_HANDOFF);
    groupcachePeers = Set.copyOf(groupcachePeers);
    groupcachePeers.forEach(BaseUrl::requireNormalized);
    if (!groupcache && !groupcachePeers.isEmpty()) {
      throw new IllegalArgumentException(
          "groupcache peers need groupcache to be on: " + String.join(", ", groupcachePeers));
    }
  }

  private static void requireTime(String name, Duration value, Duration most) {
    if (value.isNegative() || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(name + " must be from 0 to " + most + ": " + value);
    }
  }

  private static void requirePositive(String name, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " must be positive: " + value);
    }
  }

  /** Returns the options that the cluster needs, without those of HTTP. */
  ClusterOptions cluster() {
    return new ClusterOptions(
        !secrets.isEmpty(),
        timeout,
        maxOpenAnswers,
        maxQueuedKeys,
        removalLogSize,
        maxChanges,
        warmJoin,
        handoff,
        readyRequiresContact,
        groupcache,
        groupcachePeers);
  }

  /** Returns the defaults: no secret, batches, a second until a silent peer counts as failed. */
  public static PeerOptions defaults() {
    return builder().build();
  }

  /** Returns a builder that has the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Sets options, each by the name of the record's component. For one thread. */
  public static final class Builder {
    private Secrets secrets = Secrets.none();
    private boolean publicReads;
    private Requests requests = Requests.BATCH;
    private Duration timeout = Duration.ofSeconds(1);
    private int connections = 64;
    private int maxOpenAnswers = 64;
    private int maxQueuedKeys = 10_000;
    private int removalLogSize = 10_000;
    private int maxChanges = 1_000;
    private int maxBodies = 64;
    private long maxBodyBytes = 64 << 20;
    private Duration bodyTimeout = Duration.ofSeconds(30);
    private Duration warmJoin = Duration.ofMinutes(1);
    private Duration handoff = Duration.ofSeconds(5);
    private boolean readyRequiresContact = true;
    private boolean groupcache;
    private Set<String> groupcachePeers = Set.of();
    private @Nullable Supplier<SSLContext> tls;

    private Builder() {}

    public Builder secrets(Secrets shown) {
      this.secrets = shown;
      return this;
    }

    public Builder publicReads(boolean open) {
      this.publicReads = open;
      return this;
    }

    public Builder requests(Requests form) {
      this.requests = form;
      return this;
    }

    public Builder timeout(Duration most) {
      this.timeout = most;
      return this;
    }

    public Builder connections(int most) {
      this.connections = most;
      return this;
    }

    public Builder maxOpenAnswers(int most) {
      this.maxOpenAnswers = most;
      return this;
    }

    public Builder maxQueuedKeys(int most) {
      this.maxQueuedKeys = most;
      return this;
    }

    public Builder removalLogSize(int most) {
      this.removalLogSize = most;
      return this;
    }

    public Builder maxChanges(int most) {
      this.maxChanges = most;
      return this;
    }

    public Builder maxBodies(int most) {
      this.maxBodies = most;
      return this;
    }

    public Builder maxBodyBytes(long most) {
      this.maxBodyBytes = most;
      return this;
    }

    public Builder bodyTimeout(Duration most) {
      this.bodyTimeout = most;
      return this;
    }

    public Builder warmJoin(Duration time) {
      this.warmJoin = time;
      return this;
    }

    public Builder handoff(Duration most) {
      this.handoff = most;
      return this;
    }

    public Builder readyRequiresContact(boolean required) {
      this.readyRequiresContact = required;
      return this;
    }

    public Builder groupcache(boolean on) {
      this.groupcache = on;
      return this;
    }

    public Builder groupcachePeers(Collection<String> urls) {
      this.groupcachePeers = Set.copyOf(urls);
      return this;
    }

    public Builder tls(@Nullable Supplier<SSLContext> contexts) {
      this.tls = contexts;
      return this;
    }

    /**
     * Makes the options.
     *
     * @throws IllegalArgumentException if a limit is out of range, or a URL; the message names it
     */
    public PeerOptions build() {
      return new PeerOptions(
          secrets,
          publicReads,
          requests,
          timeout,
          connections,
          maxOpenAnswers,
          maxQueuedKeys,
          removalLogSize,
          maxChanges,
          maxBodies,
          maxBodyBytes,
          bodyTimeout,
          warmJoin,
          handoff,
          readyRequiresContact,
          groupcache,
          groupcachePeers,
          tls);
    }
  }
}
