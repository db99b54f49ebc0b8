package geecache.source;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the speaker sends to all listeners at each heartbeat. All of them receive it at the same
 * place between the notices.
 *
 * @param speaker names the listener that speaks
 * @param number counts the signs of this speaker, from 1
 * @param told the number of a sign of this speaker: all nodes were told of each notice before that
 *     one; 0 for none
 */
record SpeakerSign(String speaker, long number, long told) {
  private static final Pattern FORM = Pattern.compile("([0-9a-f]{16}) ([0-9]{1,18}) ([0-9]{1,18})");

  /** Returns the sign in {@code payload}; nothing if it has another form. */
  static Optional<SpeakerSign> parse(String payload) {
    Matcher parts = FORM.matcher(payload);
    return parts.matches()
        ? Optional.of(
            new SpeakerSign(
                parts.group(1), Long.parseLong(parts.group(2)), Long.parseLong(parts.group(3))))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return speaker + ' ' + number + ' ' + told;
  }
}
