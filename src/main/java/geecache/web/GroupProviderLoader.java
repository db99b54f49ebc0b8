package geecache.web;

import geecache.Geecache;
import geecache.GroupProvider;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Finds the {@link GroupProvider}s of an application. */
final class GroupProviderLoader {
  private GroupProviderLoader() {}

  /**
   * Lets each of them register its groups.
   *
   * @param loader the application's class loader
   * @throws IllegalStateException if one is missing or fails; the message names it
   */
  static void register(Geecache node, @Nullable ClassLoader loader) {
    try {
      ServiceLoader.load(GroupProvider.class, loader).forEach(provider -> register(node, provider));
    } catch (ServiceConfigurationError absent) {
      throw new IllegalStateException(absent.getMessage(), absent);
    }
  }

  private static void register(Geecache node, GroupProvider provider) {
    try {
      provider.register(node);
    } catch (Exception failure) {
      throw new IllegalStateException(
          "group provider " + provider.getClass().getName() + " failed: " + failure.getMessage(),
          failure);
    }
  }
}
