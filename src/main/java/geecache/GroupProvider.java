package geecache;

import java.util.ServiceLoader;

/**
 * Gives a node its groups when its application starts, without a listener. The class is public, has
 * a public constructor without parameters, and its name stands in {@code
 * META-INF/services/geecache.GroupProvider} of the application or of one of its libraries.
 *
 * <p>A provider that the class loader of the application finds is made and called once for each
 * node of an application, in the order of {@link ServiceLoader}, after the groups that settings
 * name. Nodes that code makes, by a constructor, look for none.
 */
public interface GroupProvider {

  /**
   * Registers groups. Called by the thread that starts the application, with the context class
   * loader of the application.
   *
   * @param node may be kept: it takes groups until it closes
   * @throws Exception if there can be no groups; the application then does not start
   */
  void register(Geecache node) throws Exception;
}
