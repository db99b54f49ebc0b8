package geecache.web;

import geecache.http.Reply;
import geecache.settings.Settings;
import java.net.URI;
import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The hosts that requests may be for. A web page whose name its owner points to the address of a
 * node ("DNS rebinding") has its visitors' browsers ask that node as if it were the page's own
 * server. Such a request names the page's host. An address is never such a name. Immutable.
 */
final class AllowedHosts {
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(?:\\.\\d{1,3}){3}");

  private final Set<String> names = new HashSet<>(Set.of("localhost"));

  private AllowedHosts(Stream<String> allowed) {
    allowed.map(AllowedHosts::normalized).forEach(names::add);
  }

  /** Returns the hosts that {@code settings} allow; null if they allow all. */
  static @Nullable AllowedHosts of(Settings settings) {
    return of(
        settings.get(NodeSettingTable.HOSTS),
        settings.get(NodeSettingTable.PEERS),
        settings.find(NodeSettingTable.SELF).orElse(""));
  }

  /**
   * Returns the hosts of {@code names} and of nodes; null, for all hosts, if there are no names.
   *
   * @param urls the base URLs of other nodes
   * @param self the base URL of this node; a path if that is all it knows
   */
  static @Nullable AllowedHosts of(Collection<String> names, Collection<String> urls, String self) {
    if (names.isEmpty()) {
      return null;
    }
    Stream<String> nodes =
        Stream.concat(urls.stream(), Stream.of(self))
            .map(url -> URI.create(url).getHost())
            .filter(Objects::nonNull);
    return new AllowedHosts(Stream.concat(names.stream(), nodes));
  }

  /**
   * Whether a request may be for {@code host}.
   *
   * @param host as the container read it from the request, without its port
   */
  boolean allows(String host) {
    return host.indexOf(':') >= 0 // IPv6; no name has a colon.
        || IPV4.matcher(host).matches()
        || names.contains(normalized(host));
  }

  private static String normalized(String host) {
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    return name.toLowerCase(Locale.ROOT);
  }

  static Reply refusal() {
    return Reply.error(
        403,
        Reply.Status.FORBIDDEN,
        "this node is not asked by this host name: see geecache.hosts");
  }
}
