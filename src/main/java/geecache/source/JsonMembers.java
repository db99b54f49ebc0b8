package geecache.source;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads a JSON object that has a member for each key. The value of a key is the JSON of its member,
 * byte for byte. Messages show nothing of the text, which may hold a secret.
 */
final class JsonMembers {
  private final JsonFactory factory = new JsonFactory();

  /**
   * Returns the values of the {@code wanted} members, without those that are missing or {@code
   * null}.
   *
   * @param text in UTF-8
   * @throws IOException if it is no JSON object, or has a wanted member twice
   */
  Map<String, byte[]> read(byte[] text, Set<String> wanted) throws IOException {
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("the answer is not a JSON object");
      }
      Map<String, byte[]> found = new HashMap<>();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String key = parser.currentName();
        boolean isNull = parser.nextToken() == JsonToken.VALUE_NULL;
        int begin = offset(parser.currentTokenLocation().getByteOffset());
        parser.skipChildren();
        parser.finishToken();
        int end = offset(parser.currentLocation().getByteOffset());
        if (wanted.contains(key)
            && !isNull
            && found.put(key, Arrays.copyOfRange(text, begin, end)) != null) {
          throw new IOException("the answer has a key twice");
        }
      }
      if (parser.nextToken() != null) {
        throw new IOException("the answer goes on after its JSON object");
      }
      return found;
    } catch (JacksonException malformed) {
      throw new IOException(
          "the answer is malformed JSON: " + malformed.getClass().getSimpleName());
    }
  }

  private static int offset(long bytes) throws IOException {
    if (bytes < 0) {
      throw new IOException("the answer is not in UTF-8");
    }
    return (int) bytes;
  }
}
