package geecache;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.RandomAccess;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Estimates the heap that an object takes with all that it refers to, on a 64-bit HotSpot with
 * compressed references. It adds up the fields of classes of the application. Classes of the JDK
 * hide their fields: of those that values are made of, it knows what they take at most. {@code
 * ObjectSizeTest} compares it with the measurements of JOL. Safe for use by many threads.
 */
final class ObjectSize {
  /** To count more objects than this takes longer than it saves. */
  private static final int MOST_OBJECTS = 100_000;

  private static final int HEADER = 12;
  private static final int REFERENCE = 4;

  /** An {@code ArrayList} that has just grown has half of its places free. */
  private static final int LIST = 80;

  private static final int LIST_ITEM = 6;

  /** A {@code LinkedHashMap} has entries of 40 bytes, and up to 11 bytes of table for each. */
  private static final int TABLE = 256;

  private static final int TABLE_ITEM = 56;

  /** With the objects that they have for their parts. The JVM has the rules of each zone once. */
  private static final Map<Class<?>, Integer> LEAVES =
      Map.ofEntries(
          Map.entry(Object.class, 16),
          Map.entry(Boolean.class, 16),
          Map.entry(Byte.class, 16),
          Map.entry(Short.class, 16),
          Map.entry(Character.class, 16),
          Map.entry(Integer.class, 16),
          Map.entry(Float.class, 16),
          Map.entry(Long.class, 24),
          Map.entry(Double.class, 24),
          Map.entry(OptionalInt.class, 24),
          Map.entry(OptionalLong.class, 24),
          Map.entry(OptionalDouble.class, 24),
          Map.entry(UUID.class, 32),
          Map.entry(Instant.class, 24),
          Map.entry(Duration.class, 24),
          Map.entry(Period.class, 24),
          Map.entry(LocalDate.class, 24),
          Map.entry(LocalTime.class, 24),
          Map.entry(LocalDateTime.class, 72),
          Map.entry(Year.class, 16),
          Map.entry(YearMonth.class, 24),
          Map.entry(MonthDay.class, 24),
          Map.entry(ZoneOffset.class, 80),
          Map.entry(OffsetTime.class, 128),
          Map.entry(OffsetDateTime.class, 176),
          Map.entry(ZonedDateTime.class, 256));

  /**
   * What an object of a class takes by itself, and its fields that refer to others.
   *
   * @param size in bytes, -1 if that is not known
   */
  private record Layout(int size, List<Field> references) {
    static final Layout UNKNOWN = new Layout(-1, List.of());
  }

  private final ConcurrentMap<Class<?>, Layout> layouts = new ConcurrentHashMap<>();

  /**
   * Returns the size of {@code root}, in bytes; empty if an object of the JDK is there that this
   * does not know, or too many objects.
   */
  OptionalLong of(Object root) {
    return new Walk().over(root);
  }

  private Layout layoutOf(Class<?> type) {
    return layouts.computeIfAbsent(type, ObjectSize::layout);
  }

  private static Layout layout(Class<?> type) {
    int size = HEADER;
    List<Field> references = new ArrayList<>();
    Class<?> each = type;
    while (!isOfJdk(each)) {
      for (Field field : each.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          size += sizeOf(field.getType());
          if (!field.getType().isPrimitive()) {
            if (!field.trySetAccessible()) {
              return Layout.UNKNOWN;
            }
            references.add(field);
          }
        }
      }
      each = each.getSuperclass();
    }
    boolean bare = each == Object.class || each == Record.class;
    return bare ? new Layout(aligned(size), List.copyOf(references)) : Layout.UNKNOWN;
  }

  private static boolean isOfJdk(Class<?> type) {
    return type.getName().startsWith("java.");
  }

  private static int aligned(int size) {
    return (size + 7) & ~7;
  }

  private static int sizeOf(Class<?> type) {
    if (type == long.class || type == double.class) {
      return Long.BYTES;
    }
    if (type == short.class || type == char.class) {
      return Short.BYTES;
    }
    return type == boolean.class || type == byte.class ? 1 : REFERENCE; // As int and float.
  }

  private static long sizeOf(BigInteger number) {
    return 40 + HeapSize.array((number.bitLength() / 32 + 1L) * Integer.BYTES);
  }

  /** With the text that {@code toString} keeps. */
  private static long sizeOf(BigDecimal number) {
    return 40 + sizeOf(number.unscaledValue()) + 24 + HeapSize.array(number.precision() + 16L);
  }

  /** One walk over all that an object refers to. For one thread. */
  private final class Walk {
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Deque<Object> open = new ArrayDeque<>();
    private long bytes;

    OptionalLong over(Object root) {
      meet(root);
      while (!open.isEmpty()) {
        long size = seen.size() > MOST_OBJECTS ? -1 : sizeOf(open.remove());
        if (size < 0) {
          return OptionalLong.empty();
        }
        bytes += size;
      }
      return OptionalLong.of(bytes);
    }

    /** The constants of an enum and classes are there anyway. */
    private void meet(@Nullable Object found) {
      if (found != null && !(found instanceof Enum<?>) && !(found instanceof Class<?>)) {
        if (seen.add(found)) {
          open.add(found);
        }
      }
    }

    /** Returns the size of an object by itself, -1 if it is not known; meets what it refers to. */
    private long sizeOf(Object object) {
      Class<?> type = object.getClass();
      Integer leaf = LEAVES.get(type);
      if (leaf != null) {
        return leaf;
      }
      if (object instanceof String text) {
        return HeapSize.string(text);
      }
      if (type.isArray()) {
        return ofArray(object, type.componentType());
      }
      return isOfJdk(type) ? ofJdk(object, type) : ofApplication(object, layoutOf(type));
    }

    private long ofArray(Object array, Class<?> item) {
      if (array instanceof Object[] items) {
        for (Object each : items) {
          meet(each);
        }
      }
      return HeapSize.array((long) Array.getLength(array) * ObjectSize.sizeOf(item));
    }

    private long ofApplication(Object object, Layout layout) {
      try {
        for (Field field : layout.references()) {
          meet(field.get(object));
        }
      } catch (IllegalAccessException impossible) {
        throw new AssertionError("the field was made accessible", impossible);
      }
      return layout.size();
    }

    private long ofJdk(Object object, Class<?> type) {
      if (object instanceof BigInteger number) {
        return ObjectSize.sizeOf(number);
      }
      if (object instanceof BigDecimal number) {
        return ObjectSize.sizeOf(number);
      }
      if (object instanceof Optional<?> optional) {
        meet(optional.orElse(null));
        return 16;
      }
      if (!type.getName().startsWith("java.util.")) {
        return -1;
      }
      if (object instanceof Collection<?> items) {
        items.forEach(this::meet);
        return object instanceof RandomAccess
            ? LIST + (long) LIST_ITEM * items.size()
            : TABLE + (long) TABLE_ITEM * items.size();
      }
      if (object instanceof Map<?, ?> map) {
        map.forEach(
            (key, value) -> {
              meet(key);
              meet(value);
            });
        return TABLE + (long) TABLE_ITEM * map.size();
      }
      return -1;
    }
  }
}
