package geecache.containers;

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
  /** The same with geecache switched off. */
  DISABLED("/disabled");

  private final String contextPath;

  Site(String contextPath) {
    this.contextPath = contextPath;
  }

  /** Those that serve a node. */
  static Stream<Site> serving() {
    return Stream.of(ROOT, SHOP, BLOCKING, LIBRARY);
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

  /** The group whose answers show which key its getter was asked for. */
  String revealingGroup() {
    return this == LIBRARY ? "echo" : "scores";
  }
}
