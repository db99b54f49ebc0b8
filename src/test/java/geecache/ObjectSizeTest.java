package geecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jol.info.GraphLayout;

/** The estimate beside what the JVM says. */
@Tag("alone")
class ObjectSizeTest {
  private record Flags(byte a, long b, boolean c, char d) {}

  private record Node(Object left, Object right) {}

  private static class Named {
    final String name = "n";
    final byte flag = 1;
  }

  private static final class Counted extends Named {
    final long count = 1;
    final short small = 2;
  }

  private final ObjectSize sizes = new ObjectSize();

  private static List<Integer> numbers(int count) {
    return IntStream.range(1000, 1000 + count).boxed().collect(Collectors.toList());
  }

  private static Map<Integer, String> map(Map<Integer, String> empty, int count) {
    numbers(count).forEach(number -> empty.put(number, "v" + number));
    return empty;
  }

  static Stream<Object> exact() {
    return Stream.of(
        "",
        "Tom",
        "T\u20acm",
        1000,
        1L << 40,
        new byte[13],
        new long[3],
        new Object[] {"a", null, new int[2]},
        new Flags((byte) 1, 2, true, 'x'),
        new Node("a", new Node(null, Optional.of("b"))),
        new Counted(),
        UUID.randomUUID(),
        Instant.now(),
        Duration.ofSeconds(1),
        LocalDate.of(2026, 1, 2),
        LocalDateTime.of(2026, 1, 2, 3, 4, 5));
  }

  static Stream<Object> bounded() {
    BigDecimal told = new BigDecimal("12345678901234567890123.45");
    assertThat(told.toString()).isNotEmpty(); // It keeps its text.
    return Stream.of(
            new BigInteger("123456789012345678901234567890"),
            new BigDecimal("1.50"),
            told,
            OffsetDateTime.parse("2026-01-02T03:04:05+02:03"),
            ZonedDateTime.parse("2026-01-02T03:04:05+01:00"),
            Optional.of("x"),
            Collections.unmodifiableMap(map(new LinkedHashMap<>(), 5)),
            Map.of("a", 1000, "b", 2000),
            Set.of("a", "b", "c"),
            Arrays.asList("a", "b"))
        .flatMap(
            one ->
                Stream.concat(
                    Stream.of(one),
                    Stream.of(1, 10, 13, 100, 1000, 3000)
                        .flatMap(
                            count ->
                                Stream.of(
                                    numbers(count),
                                    new ArrayList<>(numbers(count)),
                                    List.copyOf(numbers(count)),
                                    Set.copyOf(numbers(count)),
                                    new LinkedList<>(numbers(count)),
                                    new HashSet<>(numbers(count)),
                                    new TreeSet<>(numbers(count)),
                                    map(new HashMap<>(), count),
                                    map(new LinkedHashMap<>(), count),
                                    map(new TreeMap<>(), count),
                                    Map.copyOf(map(new HashMap<>(), count)),
                                    map(new ConcurrentHashMap<>(), count)))
                        .limit(one instanceof Optional ? 72 : 0)));
  }

  private static long measured(Object object) {
    return GraphLayout.parseInstance(object).totalSize();
  }

  @ParameterizedTest
  @MethodSource
  void exact(Object object) {
    assertThat(sizes.of(object)).hasValue(measured(object));
  }

  /** A budget holds if the estimate is never less than the truth. */
  @ParameterizedTest
  @MethodSource
  void bounded(Object object) {
    long size = sizes.of(object).orElseThrow();
    assertThat(size).isBetween(measured(object), 4 * measured(object) + 300);
  }

  @Test
  void whatIsThereAnywayTakesNothing() {
    assertThat(sizes.of(new Node(TimeUnit.DAYS, String.class)))
        .isEqualTo(sizes.of(new Node(null, null)));
  }

  @Test
  void anObjectThatIsMetTwiceCountsOnce() {
    String text = "x".repeat(100);
    assertThat(sizes.of(new Node(text, text)).orElseThrow())
        .isEqualTo(sizes.of(new Node(text, null)).orElseThrow());
    Object[] circle = new Object[1];
    circle[0] = circle;
    assertThat(sizes.of(circle)).hasValue(24);
  }

  @Test
  void whatIsNotKnownHasNoSize() {
    assertThat(sizes.of(new Node(URI.create("http://a"), null))).isEmpty();
    assertThat(sizes.of(new ArrayList<>(List.of(1)) {})).isEmpty();
    assertThat(sizes.of(new StringBuilder())).isEmpty();
    assertThat(sizes.of(numbers(100_001))).isEmpty();
  }

  /** Deep structures end no stack. */
  @Test
  void depthIsNoMatter() {
    Node deep = new Node(null, null);
    for (int i = 0; i < 50_000; i++) {
      deep = new Node(deep, null);
    }
    assertThat(sizes.of(deep)).hasValue(50_001L * 24);
  }
}
