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
 * The headers of a reply, in order. An unmodifiable map. It is made for each reply and walked once
 * by {@link #forEach}, so it is no more than an array. All other methods of a map are slow.
 */
final class ReplyHeaders extends AbstractMap<String, String> {
  /** Names and values in turn. A header whose value is null is left out. */
  private final @Nullable String[] namesAndValues;

  private ReplyHeaders(@Nullable String[] namesAndValues) {
    this.namesAndValues = namesAndValues;
  }

  /**
   * Returns the headers of these names and values.
   *
   * @param namesAndValues in turn, each name once; a header whose value is null is left out;
   *     callers must not change the array afterwards
   */
  static ReplyHeaders of(@Nullable String... namesAndValues) {
    return new ReplyHeaders(namesAndValues);
  }

  /** Returns a copy of {@code headers}, or the same object if it is unmodifiable. */
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

  /** Returns these headers and one more. None of them has its name. */
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
