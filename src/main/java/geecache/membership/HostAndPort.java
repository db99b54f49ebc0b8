package geecache.membership;

/**
 * A host and a port.
 *
 * @param host a name or an address, without brackets
 * @param port 1 to 65535
 */
record HostAndPort(String host, int port) {

  /**
   * Parses {@code host:port} or {@code [address]:port}.
   *
   * @throws IllegalArgumentException if {@code text} is neither
   */
  static HostAndPort of(String text) {
    int colon = text.lastIndexOf(':');
    if (colon > 0 && text.substring(colon + 1).matches("\\d{1,5}")) {
      int port = Integer.parseInt(text.substring(colon + 1));
      String host = text.substring(0, colon);
      boolean bracketed = host.startsWith("[") && host.endsWith("]");
      if (port > 0 && port <= 0xffff && (bracketed || host.indexOf(':') < 0)) {
        return new HostAndPort(bracketed ? host.substring(1, host.length() - 1) : host, port);
      }
    }
    throw new IllegalArgumentException("must be host:port or [address]:port: " + text);
  }
}
