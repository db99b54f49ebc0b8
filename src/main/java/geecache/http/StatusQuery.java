package geecache.http;

import org.jspecify.annotations.Nullable;

/**
 * What an operator asks for: {@code group=} and {@code key=}, percent-encoded, {@code all=true} and
 * {@code history=}. Other parameters have no effect.
 *
 * @param history how many points of each group's history are wanted; 0 for none of it
 */
record StatusQuery(@Nullable String group, @Nullable String key, boolean all, int history) {
  private static final String HISTORY = "history=";

  /** Returns the query; null if something is malformed, or a group or a key is there twice. */
  static @Nullable StatusQuery parse(@Nullable String rawQuery) {
    String group = null;
    String key = null;
    boolean all = false;
    int history = 0;
    for (String parameter : rawQuery == null ? new String[0] : rawQuery.split("&")) {
      all |= parameter.equals("all=true");
      if (parameter.startsWith(HISTORY)) {
        String points = parameter.substring(HISTORY.length());
        if (!points.matches("[0-9]{1,4}")) {
          return null;
        }
        history = Integer.parseInt(points);
        continue;
      }
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
    return new StatusQuery(group, key, all, history);
  }
}
