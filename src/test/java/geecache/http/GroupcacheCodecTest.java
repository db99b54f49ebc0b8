package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bytes that the Go originals' own code made, and what it made of bytes; the file says how. */
class GroupcacheCodecTest {
  private static final Set<String> RESPONSES = Set.of("GetResponse", "Response");

  private JsonObject vectors;

  @BeforeEach
  void read() throws IOException {
    try (InputStream in = GroupcacheCodecTest.class.getResourceAsStream("protobuf.json")) {
      vectors = Json.createReader(in).readObject();
    }
  }

  private List<JsonObject> cases(String name) {
    return vectors.getJsonArray(name).getValuesAs(JsonObject.class);
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  /** A value that is not set is an empty one. */
  private static byte[] valueOf(JsonObject fields) {
    return fields.get("value") instanceof JsonString hex ? bytes(hex.getString()) : new byte[0];
  }

  @Test
  void everyAnswerIsEncodedAsTheOriginalEncodesIt() {
    int compared = 0;
    for (JsonObject encoded : cases("encode")) {
      JsonObject fields = encoded.getJsonObject("fields");
      boolean valueAlone = fields.size() == 1 && fields.get("value") instanceof JsonString;
      if (encoded.getString("schema").equals("golang/groupcache") && valueAlone) {
        assertThat(GroupcacheCodec.encode(valueOf(fields)))
            .isEqualTo(bytes(encoded.getString("hex")));
        compared++;
      }
    }
    assertThat(compared).isEqualTo(9);
  }

  @Test
  void aMessageOfAnyOriginalIsDecoded() throws IOException {
    int compared = 0;
    for (JsonObject encoded : cases("encode")) {
      if (RESPONSES.contains(encoded.getString("message"))) {
        assertThat(GroupcacheCodec.decode(bytes(encoded.getString("hex"))))
            .isEqualTo(valueOf(encoded.getJsonObject("fields")));
        compared++;
      }
    }
    assertThat(compared).isEqualTo(49);
  }

  @Test
  void goodAndMalformedAnswersAreTakenAsTheOriginalTakesThem() throws IOException {
    int malformed = 0;
    for (JsonObject decoded : cases("decode")) {
      JsonObject original = decoded.getJsonObject("golang/groupcache");
      byte[] message = bytes(decoded.getString("hex"));
      String name = decoded.getString("name");
      if (original.containsKey("error")) {
        assertThatThrownBy(() -> GroupcacheCodec.decode(message))
            .as(name)
            .isInstanceOf(IOException.class);
        malformed++;
      } else {
        assertThat(GroupcacheCodec.decode(message)).as(name).isEqualTo(valueOf(original));
      }
    }
    assertThat(cases("decode")).hasSize(23);
    assertThat(malformed).isEqualTo(9);
  }
}
