package geecache.web;

import geecache.settings.Settings;
import java.util.Collection;
import java.util.Set;

/**
 * How servlets serve a node that was made in code. For a node that settings describe, they are
 * settings too.
 *
 * @param hosts the host names by which clients ask the node, beside addresses, {@code localhost}
 *     and the names of the nodes known at the start: a request for another host is refused; empty
 *     for every name
 * @param maxAnswerBytes how much of the heap the values may take whose answers are larger than the
 *     container's buffer and are being sent
 * @param maxBlockingAnswers how many such answers may hold a thread of the container each, where a
 *     filter in front forbids asynchronous requests
 * @param publicMetrics whether metrics need no secret
 */
public record ServletOptions(
    Set<String> hosts, long maxAnswerBytes, int maxBlockingAnswers, boolean publicMetrics) {
  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if a limit is not positive; the message names it
   */
  public ServletOptions {
    hosts = Set.copyOf(hosts);
    if (maxAnswerBytes < 1) {
      throw new IllegalArgumentException("maxAnswerBytes must be positive: " + maxAnswerBytes);
    }
    if (maxBlockingAnswers < 1) {
      throw new IllegalArgumentException(
          "maxBlockingAnswers must be positive: " + maxBlockingAnswers);
    }
  }

  /** Returns the defaults: every host, a quarter of the heap, 64 answers, metrics by secret. */
  public static ServletOptions defaults() {
    return builder().build();
  }

  /** Returns a builder that has the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns those that {@code settings} have. */
  static ServletOptions of(Settings settings) {
    Builder options =
        builder()
            .hosts(settings.get(NodeSettingTable.HOSTS))
            .maxBlockingAnswers(settings.get(NodeSettingTable.MAX_BLOCKING_ANSWERS))
            .publicMetrics(settings.get(NodeSettingTable.PUBLIC_METRICS));
    settings.find(NodeSettingTable.MAX_ANSWER_BYTES).ifPresent(options::maxAnswerBytes);
    return options.build();
  }

  /** Sets options, each by the name of the record's component. For one thread. */
  public static final class Builder {
    private Set<String> hosts = Set.of();
    private long maxAnswerBytes = Math.max(1, Runtime.getRuntime().maxMemory() / 4);
    private int maxBlockingAnswers = 64;
    private boolean publicMetrics;

    private Builder() {}

    public Builder hosts(Collection<String> names) {
      this.hosts = Set.copyOf(names);
      return this;
    }

    public Builder maxAnswerBytes(long most) {
      this.maxAnswerBytes = most;
      return this;
    }

    public Builder maxBlockingAnswers(int most) {
      this.maxBlockingAnswers = most;
      return this;
    }

    public Builder publicMetrics(boolean open) {
      this.publicMetrics = open;
      return this;
    }

    /**
     * Makes the options.
     *
     * @throws IllegalArgumentException if a limit is not positive; the message names it
     */
    public ServletOptions build() {
      return new ServletOptions(hosts, maxAnswerBytes, maxBlockingAnswers, publicMetrics);
    }
  }
}
