package geecache.containers;

import java.util.Map;
import java.util.stream.Stream;

/** A web application in a container under test. */
enum Site {
  /** The product as built, at the root. */
  ROOT("/"),
  /** The product as built, under a context path. */
  SHOP("/shop"),
  /** The product behind a filter that forbids asynchronous requests. */
  BLOCKING("/blocking"),
  /** An application with geecache as a library, and with a group that answers the key itself. */
  LIBRARY("/library"),
  /**
   * The same with a secret, and with the filter that forbids asynchronous requests at one group.
   */
  GUARDED("/guarded"),
  /** The same with geecache switched off. */
  DISABLED("/disabled");

  private final String contextPath;

  Site(String contextPath) {
    this.contextPath = contextPath;
  }

  /** The secret of the only site that has one. */
  static final String SECRET = "a-secret-of-the-tests";

  /** Those that serve a node to anybody. */
  static Stream<Site> serving() {
    return Stream.of(ROOT, SHOP, BLOCKING, LIBRARY);
  }

  /** Those that have the group {@code gate}, the latter behind the filter. */
  static Stream<Site> gated() {
    return Stream.of(LIBRARY, GUARDED);
  }

  /** Those that serve the product's own start page. */
  static Stream<Site> products() {
    return Stream.of(ROOT, SHOP, BLOCKING);
  }

  String contextPath() {
    return contextPath;
  }

  /** Returns {@code path}, which starts with a slash, below the context path. */
  String at(String path) {
    return this == ROOT ? path : contextPath + path;
  }

  /** Returns what follows {@code /_geecache} below the context path. */
  String node(String rest) {
    return at("/_geecache" + rest);
  }

  /** Returns the headers without which it answers nothing. */
  Map<String, String> credentials() {
    return this == GUARDED ? Map.of("Authorization", "Bearer " + SECRET) : Map.of();
  }

  /** The group whose answers show which key its getter was asked for. */
  String revealingGroup() {
    return this == LIBRARY ? "echo" : "scores";
  }
}
