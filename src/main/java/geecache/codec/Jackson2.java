package geecache.codec;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** JSON by Jackson 2. A class of its own, so that it is loaded only where Jackson 2 is. */
final class Jackson2 implements JsonFormat {
  private final ObjectWriter writer;
  private final ObjectReader reader;

  private Jackson2(JsonMapper mapper, JavaType type) {
    this.writer = mapper.writerFor(type);
    this.reader = mapper.readerFor(type);
  }

  static JsonFormat of(Class<?> type) {
    JsonMapper mapper = mapper();
    return new Jackson2(mapper, mapper.constructType(type));
  }

  static JsonFormat ofList(Class<?> type) {
    JsonMapper mapper = mapper();
    return new Jackson2(mapper, mapper.getTypeFactory().constructCollectionType(List.class, type));
  }

  /** Has the JSON name the classes of {@code types}. */
  static JsonFormat naming(NamedTypes types) {
    JsonMapper mapper = mapper();
    NamedJackson2.addTo(mapper, types);
    return new Jackson2(mapper, mapper.constructType(Object.class));
  }

  /** With the modules that the application has. The rules are those for Jackson 3. */
  private static JsonMapper mapper() {
    return JsonMapper.builder()
        .addModules(JsonMapper.findModules(Jackson2.class.getClassLoader()))
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .enable(SerializationFeature.WRITE_DATES_WITH_ZONE_ID)
        .build();
  }

  @Override
  public byte[] write(Object value) throws IOException {
    return writer.writeValueAsBytes(value);
  }

  @Override
  public @Nullable Object read(byte[] bytes) throws IOException {
    return reader.readValue(bytes);
  }
}
