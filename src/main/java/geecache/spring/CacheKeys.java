package geecache.spring;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Currency;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.interceptor.SimpleKey;

/**
 * Turns the keys of Spring's caches into the text of keys: the word for a type, a colon, and the
 * text. So no two keys of different types have one text, and no two of one type. Records, lists,
 * arrays and the {@link SimpleKey} of several parameters have their parts in parentheses. Safe for
 * use by many threads.
 */
final class CacheKeys {
  /** Their {@code toString} tells equal from unequal, and is the same for ever. */
  private static final Map<Class<?>, String> WORDS =
      Map.ofEntries(
          Map.entry(String.class, "text"),
          Map.entry(Character.class, "char"),
          Map.entry(Boolean.class, "boolean"),
          Map.entry(Byte.class, "byte"),
          Map.entry(Short.class, "short"),
          Map.entry(Integer.class, "int"),
          Map.entry(Long.class, "long"),
          Map.entry(Float.class, "float"),
          Map.entry(Double.class, "double"),
          Map.entry(BigInteger.class, "integer"),
          Map.entry(BigDecimal.class, "decimal"),
          Map.entry(UUID.class, "uuid"),
          Map.entry(URI.class, "uri"),
          Map.entry(Locale.class, "locale"),
          Map.entry(Currency.class, "currency"),
          Map.entry(Instant.class, "instant"),
          Map.entry(LocalDate.class, "date"),
          Map.entry(LocalTime.class, "time"),
          Map.entry(LocalDateTime.class, "date-time"),
          Map.entry(OffsetTime.class, "offset-time"),
          Map.entry(OffsetDateTime.class, "offset-date-time"),
          Map.entry(ZonedDateTime.class, "zoned-date-time"),
          Map.entry(ZoneOffset.class, "zone-offset"),
          Map.entry(Year.class, "year"),
          Map.entry(YearMonth.class, "year-month"),
          Map.entry(MonthDay.class, "month-day"),
          Map.entry(Month.class, "month"),
          Map.entry(DayOfWeek.class, "day-of-week"),
          Map.entry(Duration.class, "duration"),
          Map.entry(Period.class, "period"));

  private static final int MOST_NESTED = 16;

  private final List<KeyText> own;

  /**
   * Makes the mapping.
   *
   * @param own asked in this order for keys of all other classes
   */
  CacheKeys(List<KeyText> own) {
    this.own = List.copyOf(own);
  }

  /**
   * Returns the text of {@code key}.
   *
   * @throws IllegalArgumentException if it has no stable text; the message says what to do
   */
  String text(Object key) {
    return text(key, 0);
  }

  private String text(@Nullable Object key, int depth) {
    if (key == null) {
      return "null";
    }
    if (depth > MOST_NESTED) {
      throw new IllegalArgumentException("a key has more than " + MOST_NESTED + " levels of parts");
    }
    String word = WORDS.get(key.getClass());
    if (word != null) {
      return word + ":" + key;
    }
    if (key instanceof SimpleKey several) {
      return "key" + parts(Parameters.of(several), depth);
    }
    if (key instanceof Enum<?> constant) {
      return constant.getDeclaringClass().getName() + ":" + constant.name();
    }
    if (key instanceof Date date && key.getClass() == Date.class) {
      return "util-date:" + date.getTime();
    }
    if (key instanceof Class<?> type) {
      return "class:" + type.getName();
    }
    return composite(key, depth);
  }

  private String composite(Object key, int depth) {
    for (KeyText each : own) {
      String text = each.of(key);
      if (text != null) {
        return key.getClass().getName() + ":" + text;
      }
    }
    if (key instanceof List<?> list) {
      return "list" + parts(list.toArray(), depth);
    }
    if (key.getClass().isArray()) {
      return key.getClass().getComponentType().getName() + "[]" + parts(ofArray(key), depth);
    }
    if (key.getClass().isRecord()) {
      return key.getClass().getName() + parts(ofRecord(key), depth);
    }
    throw withoutText(key, null);
  }

  private String parts(@Nullable Object[] parts, int depth) {
    StringJoiner all = new StringJoiner(",", "(", ")");
    for (Object part : parts) {
      all.add(escaped(text(part, depth + 1)));
    }
    return all.toString();
  }

  /** So that a comma or a parenthesis is always one between parts. */
  private static String escaped(String part) {
    StringBuilder all = new StringBuilder(part.length());
    for (int i = 0; i < part.length(); i++) {
      char c = part.charAt(i);
      if (c == '%' || c == ',' || c == '(' || c == ')') {
        all.append('%').append(Integer.toHexString(c));
      } else {
        all.append(c);
      }
    }
    return all.toString();
  }

  private static @Nullable Object[] ofArray(Object array) {
    return IntStream.range(0, java.lang.reflect.Array.getLength(array))
        .mapToObj(i -> java.lang.reflect.Array.get(array, i))
        .toArray();
  }

  private static @Nullable Object[] ofRecord(Object key) {
    RecordComponent[] components = key.getClass().getRecordComponents();
    @Nullable Object[] parts = new Object[components.length];
    for (int i = 0; i < parts.length; i++) {
      try {
        components[i].getAccessor().setAccessible(true);
        parts[i] = components[i].getAccessor().invoke(key);
      } catch (IllegalAccessException | InvocationTargetException | RuntimeException failure) {
        throw withoutText(key, failure);
      }
    }
    return parts;
  }

  private static IllegalArgumentException withoutText(Object key, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "a key of "
            + key.getClass().getName()
            + " has no stable text: use a key such as @Cacheable(key = \"#order.id\") that is text,"
            + " a number, an enum, a UUID, a type of java.time, or a record or list of these; or"
            + " define a bean of type geecache.spring.KeyText",
        cause);
  }

  /** Which {@link SimpleKey} does not tell. */
  private static final class Parameters {
    private static final Field FIELD = field();

    private Parameters() {}

    private static Field field() {
      try {
        Field field = SimpleKey.class.getDeclaredField("params");
        field.setAccessible(true);
        return field;
      } catch (NoSuchFieldException | RuntimeException changed) {
        throw new IllegalStateException(
            "this version of Spring has another SimpleKey: use keys such as @Cacheable(key ="
                + " \"#a + '/' + #b\")",
            changed);
      }
    }

    static Object[] of(SimpleKey key) {
      try {
        return (Object[]) FIELD.get(key);
      } catch (IllegalAccessException refused) {
        throw new IllegalStateException("the field is accessible", refused);
      }
    }
  }
}
