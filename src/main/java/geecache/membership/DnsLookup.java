package geecache.membership;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.ExtendedResolver;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.lookup.LookupSession;
import org.xbill.DNS.lookup.NoSuchDomainException;
import org.xbill.DNS.lookup.NoSuchRRSetException;

/**
 * Resolves a name anew each time, without the JVM's cache or one of its own. Reads {@code
 * resolv.conf} and the hosts file, as the system's resolver does. For use by one thread, which does
 * all the work; another thread may call {@link #close}.
 */
final class DnsLookup implements AutoCloseable {
  private static final int TRIES = 2;

  private final Name name;
  private final BlockingIo io = new BlockingIo();
  private final LookupSession session;

  /** The last answer for each address family; used when the next one fails. */
  private Optional<Set<String>> lastV4 = Optional.empty();

  private Optional<Set<String>> lastV6 = Optional.empty();

  /**
   * Makes a look-up.
   *
   * @param servers the name servers; empty for those of the system
   * @param timeout for each try with each server
   * @throws IllegalArgumentException if {@code name} is not a valid name
   */
  DnsLookup(String name, List<InetSocketAddress> servers, Duration timeout) {
    try {
      this.name = Name.fromString(name);
    } catch (TextParseException malformed) {
      throw new IllegalArgumentException("not a name: " + name, malformed);
    }
    ResolverConfig system = new ResolverConfig();
    List<InetSocketAddress> asked = servers.isEmpty() ? system.servers() : servers;
    List<Resolver> resolvers = asked.stream().map(server -> resolver(server, timeout)).toList();
    ExtendedResolver all = new ExtendedResolver(resolvers);
    all.setRetries(TRIES);
    all.setTimeout(timeout.multipliedBy((long) TRIES * asked.size()));
    session =
        LookupSession.builder()
            .resolver(all)
            .searchPath(system.searchPath())
            .ndots(system.ndots())
            .defaultHostsFileParser()
            .clearCaches()
            .executor(Runnable::run)
            .build();
  }

  private Resolver resolver(InetSocketAddress server, Duration timeout) {
    SimpleResolver resolver = new SimpleResolver(server);
    resolver.setTimeout(timeout);
    resolver.setIoClientFactory(io);
    return resolver;
  }

  /**
   * Returns all addresses that the name has now; none if it has none, or does not exist. If one
   * family fails, its last answer is used: some name servers fail for the family of which they have
   * no addresses.
   *
   * @throws IOException if the name server failed, or could not be asked
   */
  Set<String> addresses() throws IOException {
    IOException failure = null;
    try {
      lastV4 = Optional.of(ask(Type.A));
    } catch (IOException failed) {
      failure = failed;
    }
    try {
      lastV6 = Optional.of(ask(Type.AAAA));
    } catch (IOException failed) {
      if (failure != null) {
        throw failure;
      }
      failure = failed;
    }
    Set<String> all = new HashSet<>(lastV4.orElse(Set.of()));
    all.addAll(lastV6.orElse(Set.of()));
    if (failure != null && all.isEmpty()) {
      throw failure; // An empty answer for one family says nothing about the other.
    }
    return all;
  }

  private Set<String> ask(int type) throws IOException {
    try {
      return session.lookupAsync(name, type).toCompletableFuture().join().getRecords().stream()
          .map(DnsLookup::address)
          .flatMap(Optional::stream)
          .map(Addresses::text)
          .collect(Collectors.toUnmodifiableSet());
    } catch (CompletionException failed) {
      Throwable cause = failed.getCause() == null ? failed : failed.getCause();
      if (cause instanceof NoSuchDomainException || cause instanceof NoSuchRRSetException) {
        return Set.of();
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("interrupted");
      }
      throw new IOException(String.valueOf(cause.getMessage()), cause);
    }
  }

  private static Optional<InetAddress> address(Record record) {
    if (record instanceof ARecord v4) {
      return Optional.of(v4.getAddress());
    }
    return record instanceof AAAARecord v6 ? Optional.of(v6.getAddress()) : Optional.empty();
  }

  /** Ends the look-up that is under way. */
  @Override
  public void close() {
    io.close();
  }
}
