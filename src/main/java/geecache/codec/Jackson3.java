package geecache.codec;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;

/** JSON by Jackson 3. A class of its own, so that it is loaded only where Jackson 3 is. */
final class Jackson3 implements JsonFormat {
  private final ObjectWriter writer;
  private final ObjectReader reader;

  private Jackson3(JsonMapper mapper, JavaType type) {
    this.writer = mapper.writerFor(type);
    this.reader = mapper.readerFor(type);
  }

  static JsonFormat of(Class<?> type) {
    JsonMapper mapper = mapper();
    return new Jackson3(mapper, mapper.constructType(type));
  }

  static JsonFormat ofList(Class<?> type) {
    JsonMapper mapper = mapper();
    return new Jackson3(mapper, mapper.getTypeFactory().constructCollectionType(List.class, type));
  }

  /** Has the JSON name the classes of {@code types}. */
  static JsonFormat naming(NamedTypes types) {
    JsonMapper.Builder builder = builder();
    NamedJackson3.addTo(builder, types);
    JsonMapper mapper = builder.build();
    return new Jackson3(mapper, mapper.constructType(Object.class));
  }

  private static JsonMapper mapper() {
    return builder().build();
  }

  /** What is stated here is the same for Jackson 2, even where it is the default. */
  private static JsonMapper.Builder builder() {
    return JsonMapper.builder()
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
        .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
        .enable(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID)
        .disable(EnumFeature.READ_ENUMS_USING_TO_STRING, EnumFeature.WRITE_ENUMS_USING_TO_STRING);
  }

  @Override
  public byte[] write(Object value) {
    return writer.writeValueAsBytes(value);
  }

  @Override
  public @Nullable Object read(byte[] bytes) {
    return reader.readValue(bytes);
  }
}
