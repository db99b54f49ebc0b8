package geecache;

import jakarta.servlet.ServletContext;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Pattern;

/**
 * A node: the groups of one application, from its start to its end. Any number of nodes can live in
 * one JVM. Safe for use by many threads.
 */
public final class Geecache implements AutoCloseable {
  private static final Pattern GROUP_NAME = Pattern.compile("[A-Za-z0-9._~-]{1,128}");

  private final ConcurrentMap<String, Group> groups = new ConcurrentHashMap<>();

  /**
   * Guards the step from open to closed against registration: a group is either refused or closed
   * with the others. Nothing of the user's runs under it.
   */
  private final Object lifecycle = new Object();

  /** Written under {@code lifecycle}, read under it. */
  private boolean closed;

  /** Makes a node without groups. */
  public Geecache() {}

  /**
   * Returns the node of a web application, and makes it on the first call, so that listeners may
   * run in any order. It is the context attribute named {@code geecache.Geecache}, and ends when
   * the application is undeployed.
   *
   * @throws IllegalStateException if something else uses that name
   */
  public static Geecache of(ServletContext context) {
    // One lock for all contexts: the first calls of two threads must agree on one node. Nothing but
    // the container's attribute map is called under it.
    synchronized (Geecache.class) {
      String name = Geecache.class.getName();
      Object found = context.getAttribute(name);
      if (found == null) {
        Geecache made = new Geecache();
        context.setAttribute(name, made);
        return made;
      }
      if (found instanceof Geecache node) {
        return node;
      }
      throw new IllegalStateException(
          "the servlet context attribute " + name + " is not a node: " + found.getClass());
    }
  }

  /**
   * Registers a group.
   *
   * @param name 1 to 128 letters, digits, {@code .}, {@code _}, {@code ~} or {@code -}, so that
   *     every container passes it on in a path; not {@code .} or {@code ..}
   * @param maxBytes the sum of the lengths of keys and values that it may hold, in bytes; 0 for no
   *     bound
   * @param getter loads the keys that are not in memory
   * @throws IllegalArgumentException if the name or the budget breaks its rule
   * @throws IllegalStateException if the name is taken, or the node is closed
   */
  public Group newGroup(String name, long maxBytes, Getter getter) {
    if (!GROUP_NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
      throw new IllegalArgumentException(
          "group name must be 1 to 128 of A-Z a-z 0-9 . _ ~ - and not . or ..: "
              + ControlCharacters.escape(name));
    }
    if (maxBytes < 0) {
      throw new IllegalArgumentException(
          "maxBytes of group " + name + " must not be negative: " + maxBytes);
    }
    if (getter == null) {
      throw new IllegalArgumentException("group " + name + " needs a getter: null");
    }
    Group group = new Group(name, maxBytes, getter);
    synchronized (lifecycle) {
      if (closed) {
        throw new IllegalStateException("the node is closed; group " + name + " came too late");
      }
      if (groups.putIfAbsent(name, group) != null) {
        throw new IllegalStateException("group " + name + " is registered already");
      }
    }
    return group;
  }

  /** Returns the group registered under {@code name}; none once the node is closed. */
  public Optional<Group> find(String name) {
    return Optional.ofNullable(groups.get(name));
  }

  /** Forgets all groups and refuses new ones. Closing twice does nothing. */
  @Override
  public void close() {
    synchronized (lifecycle) {
      closed = true;
      groups.clear();
    }
  }
}
