package geecache.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import jakarta.json.Json;
import jakarta.json.JsonReader;
import jakarta.json.JsonStructure;
import jakarta.json.stream.JsonParsingException;
import java.io.StringReader;

/** What counts as an object here is one to a library too. */
final class JsonSyntaxFuzz {
  @FuzzTest
  void anObjectIsOneToALibraryToo(FuzzedDataProvider data) {
    String text = data.consumeRemainingAsString();
    if (JsonSyntax.isObject(text)) {
      assertThat(isObject(text)).as(text).isTrue();
    }
  }

  private static boolean isObject(String text) {
    try (JsonReader reader = Json.createReader(new StringReader(text))) {
      JsonStructure read = reader.read();
      return read.getValueType() == jakarta.json.JsonValue.ValueType.OBJECT;
    } catch (JsonParsingException malformed) {
      return false;
    }
  }
}
