package geecache.http;

import java.util.AbstractMap;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a reply, in order. An unmodifiable map that is made for each reply and walked once
 * by {@link #forEach}, so it is no more than an array; what else a map can do, it does slowly.
 */
final class ReplyHeaders extends AbstractMap<String, String> {
  /** Names and values in turns; a value is null where there is no such header after all. */
  private final @Nullable String[] namesAndValues;

  private ReplyHeaders(@Nullable String[] namesAndValues) {
    this.namesAndValues = namesAndValues;
  }

  /**
   * Returns the headers of these names and values.
   *
   * @param namesAndValues in turns, each name once; a header whose value is null is left out; not
   *     to be changed any more
   */
  static ReplyHeaders of(@Nullable String... namesAndValues) {
    return new ReplyHeaders(namesAndValues);
  }

  /** Returns a copy of {@code headers}, unless nobody can change them anyway. */
  static ReplyHeaders copyOf(Map<String, String> headers) {
    if (headers instanceof ReplyHeaders unmodifiable) {
      return unmodifiable;
    }
    ReplyHeaders copy = new ReplyHeaders(new String[0]);
    for (Map.Entry<String, String> header : headers.entrySet()) {
      copy = copy.with(header.getKey(), header.getValue());
    }
    return copy;
  }

  /** Returns these headers and one more, whose name none of them has. */
  ReplyHeaders with(String name, String value) {
    @Nullable String[] more = Arrays.copyOf(namesAndValues, namesAndValues.length + 2);
    more[namesAndValues.length] = name;
    more[namesAndValues.length + 1] = value;
    return new ReplyHeaders(more);
  }

  @Override
  public void forEach(BiConsumer<? super String, ? super String> action) {
    for (int i = 0; i < namesAndValues.length; i += 2) {
      String value = namesAndValues[i + 1];
      if (value != null) {
        action.accept(namesAndValues[i], value);
      }
    }
  }

  @Override
  public Set<Map.Entry<String, String>> entrySet() {
    Map<String, String> entries = new LinkedHashMap<>();
    forEach(entries::put);
    return Collections.unmodifiableMap(entries).entrySet();
  }
}
