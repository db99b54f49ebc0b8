package geecache.web;

import static geecache.web.NodeSettingTable.TLS_CA;
import static geecache.web.NodeSettingTable.TLS_CERTIFICATE;
import static geecache.web.NodeSettingTable.TLS_KEY;
import static geecache.web.NodeSettingTable.TLS_KEY_STORE;
import static geecache.web.NodeSettingTable.TLS_KEY_STORE_PASSWORD;
import static geecache.web.NodeSettingTable.TLS_TRUST_STORE;
import static geecache.web.NodeSettingTable.TLS_TRUST_STORE_PASSWORD;

import geecache.http.TlsStores;
import geecache.internal.ControlCharacters;
import geecache.settings.Setting;
import geecache.settings.Settings;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys and certificates that settings name for TLS between peers. The files are read before
 * there is a node, so that a wrong one is told together with all other faults.
 */
final class ConfiguredTls {
  private static final Logger log = LoggerFactory.getLogger(ConfiguredTls.class);

  private final Settings settings;
  private final TlsStores.Builder builder = TlsStores.builder();
  private final List<String> faults = new ArrayList<>();

  /** Reads the files that {@code settings} name. */
  ConfiguredTls(Settings settings) {
    this.settings = settings;
    requireWith(TLS_TRUST_STORE_PASSWORD, TLS_TRUST_STORE);
    requireWith(TLS_KEY_STORE_PASSWORD, TLS_KEY_STORE);
    requireWith(TLS_KEY_STORE, TLS_KEY_STORE_PASSWORD);
    requireWith(TLS_CERTIFICATE, TLS_KEY);
    requireWith(TLS_KEY, TLS_CERTIFICATE);
    refuseWith(TLS_CA, TLS_TRUST_STORE);
    refuseWith(TLS_CERTIFICATE, TLS_KEY_STORE);
    String trustPassword = settings.find(TLS_TRUST_STORE_PASSWORD).orElse(null);
    settings
        .find(TLS_TRUST_STORE)
        .ifPresent(file -> read(TLS_TRUST_STORE, () -> builder.trustStore(file, trustPassword)));
    settings.find(TLS_CA).ifPresent(file -> read(TLS_CA, () -> builder.authorities(file)));
    readBoth(TLS_KEY_STORE, TLS_KEY_STORE_PASSWORD, builder::keyStore);
    readBoth(TLS_CERTIFICATE, TLS_KEY, builder::certificate);
  }

  private void requireWith(Setting<?> one, Setting<?> other) {
    if (settings.find(one).isPresent()
        && settings.find(other).isEmpty()
        && !settings.isRefused(other)) {
      faults.add(one.name() + " needs " + other.name());
    }
  }

  private void refuseWith(Setting<?> one, Setting<?> other) {
    if (settings.find(one).isPresent() && settings.find(other).isPresent()) {
      faults.add(one.name() + " and " + other.name() + " are for the same: set one of them");
    }
  }

  private <A, B> void readBoth(Setting<A> one, Setting<B> other, BiConsumer<A, B> reader) {
    settings
        .find(one)
        .ifPresent(
            first ->
                settings
                    .find(other)
                    .ifPresent(second -> read(one, () -> reader.accept(first, second))));
  }

  private void read(Setting<?> setting, Runnable reader) {
    try {
      reader.run();
    } catch (IllegalArgumentException refused) {
      faults.add(ControlCharacters.escape(setting.name() + ": " + refused.getMessage()));
    }
  }

  /** Returns a line for each file that cannot be used. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  /**
   * Returns the stores, or null if settings name none. Callers have looked at {@link #faults}.
   *
   * @throws IllegalArgumentException if a file cannot be read any more
   */
  @Nullable TlsStores stores() {
    Optional<Setting<?>> named =
        Stream.<Setting<?>>of(TLS_TRUST_STORE, TLS_KEY_STORE, TLS_CA, TLS_CERTIFICATE)
            .filter(settings::isSet)
            .findFirst();
    if (named.isEmpty()) {
      return null;
    }
    if (urls().noneMatch(url -> url.regionMatches(true, 0, "https:", 0, "https:".length()))) {
      log.warn("{} is not used: no peer has a URL of https", named.get().name());
    }
    return builder.build();
  }

  /** Returns the URLs of peers; where they are not listed, the URL of this node stands for them. */
  private Stream<String> urls() {
    return Stream.of(
            settings.get(NodeSettingTable.PEERS).stream(),
            settings.get(NodeSettingTable.GROUPCACHE_PEERS).stream(),
            settings.find(NodeSettingTable.DNS).map(URI::toString).stream(),
            settings.find(NodeSettingTable.SELF).stream())
        .flatMap(urls -> urls);
  }
}
