package geecache.http;

import org.jspecify.annotations.Nullable;

/**
 * The group and the key that a request names, still encoded: {@code /group/key} or {@code
 * /group?key=key}. The path is split before it is decoded, so that an escaped slash never moves the
 * border between group and key.
 *
 * @param rawGroup may be empty
 * @param rawPathKey all of the path after the group; null if the path ends with the group
 * @param rawQueryKey the value of {@code key} in the query; null if there is none
 * @param repeated whether the query has more than one {@code key}
 * @param all whether the query has {@code all=true}
 */
record KeyTarget(
    String rawGroup,
    @Nullable String rawPathKey,
    @Nullable String rawQueryKey,
    boolean repeated,
    boolean all) {

  static KeyTarget parse(String rawPath, @Nullable String rawQuery) {
    int begin = rawPath.isEmpty() ? 0 : 1;
    int slash = rawPath.indexOf('/', begin);
    String group = rawPath.substring(begin, slash < 0 ? rawPath.length() : slash);
    String pathKey = slash < 0 ? null : rawPath.substring(slash + 1);
    if (rawQuery == null) {
      return new KeyTarget(group, pathKey, null, false, false);
    }
    String queryKey = null;
    boolean repeated = false;
    boolean all = false;
    for (String parameter : rawQuery.split("&")) {
      all |= parameter.equals("all=true");
      int equals = parameter.indexOf('=');
      String name = equals < 0 ? parameter : parameter.substring(0, equals);
      if ("key".equals(PercentCoding.decode(name, true))) {
        repeated |= queryKey != null;
        queryKey = equals < 0 ? "" : parameter.substring(equals + 1);
      }
    }
    return new KeyTarget(group, pathKey, queryKey, repeated, all);
  }

  /** Whether the request names a group alone. */
  boolean hasNoKey() {
    return rawPathKey == null && rawQueryKey == null;
  }

  /** Whether the request names exactly one key, even if that is empty. */
  boolean hasOneKey() {
    return (rawPathKey == null) != (rawQueryKey == null) && !repeated;
  }
}
