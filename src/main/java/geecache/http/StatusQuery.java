package geecache.http;

import org.jspecify.annotations.Nullable;

/**
 * What an operator asks for: {@code group=} and {@code key=}, percent-encoded, and {@code
 * all=true}. Other parameters have no effect.
 */
record StatusQuery(@Nullable String group, @Nullable String key, boolean all) {
  /** Returns the query; null if a group or a key is malformed, or there are two. */
  static @Nullable StatusQuery parse(@Nullable String rawQuery) {
    String group = null;
    String key = null;
    boolean all = false;
    for (String parameter : rawQuery == null ? new String[0] : rawQuery.split("&")) {
      all |= parameter.equals("all=true");
      boolean ofGroup = parameter.startsWith("group=");
      if (!ofGroup && !parameter.startsWith("key=")) {
        continue;
      }
      String text = PercentCoding.decode(parameter.substring(parameter.indexOf('=') + 1), true);
      if (text == null || (ofGroup ? group : key) != null) {
        return null;
      }
      group = ofGroup ? text : group;
      key = ofGroup ? key : text;
    }
    return new StatusQuery(group, key, all);
  }
}
