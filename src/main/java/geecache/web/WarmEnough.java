package geecache.web;

import geecache.settings.SettingType;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When a node is warm enough to be ready.
 *
 * @param percent the part of the keys that has to be loaded again, from 1 to 100
 * @param most for how long the node is held back at most
 */
record WarmEnough(int percent, Duration most) {
  static final String RULE = "a part and a time such as `80%,60s`";

  private static final Pattern FORM = Pattern.compile("(100|[1-9][0-9]?)%\\s*,\\s*(\\S+)");
  private static final SettingType<Duration> TIME = SettingType.duration("1s");

  /** Parses a text such as {@code 80%,60s}. */
  static WarmEnough of(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException("must be " + RULE);
    }
    try {
      return new WarmEnough(Integer.parseInt(form.group(1)), TIME.parse(form.group(2)));
    } catch (IllegalArgumentException wrongTime) {
      throw new IllegalArgumentException("its time must be " + TIME.rule(), wrongTime);
    }
  }
}
