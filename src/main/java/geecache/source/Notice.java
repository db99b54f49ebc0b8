package geecache.source;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What a notification says: {@code {"group":"users","keys":["1","2"]}}, or no keys for all of the
 * group. Other members are passed over.
 *
 * @param group whose keys were changed
 * @param keys which; null for all
 */
record Notice(String group, @Nullable Set<String> keys) {
  private static final JsonFactory JSON = new JsonFactory();

  /** Returns null if {@code payload} is something else. */
  static @Nullable Notice read(String payload) {
    try (JsonParser from = JSON.createParser(ObjectReadContext.empty(), payload)) {
      return from.nextToken() == JsonToken.START_OBJECT ? read(from) : null;
    } catch (JacksonException malformed) {
      return null;
    }
  }

  private static @Nullable Notice read(JsonParser from) {
    String group = null;
    Set<String> keys = null;
    while (from.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = from.currentName();
      JsonToken value = from.nextToken();
      if (name.equals("group") && value == JsonToken.VALUE_STRING) {
        group = from.getString();
      } else if (name.equals("keys") && value == JsonToken.START_ARRAY) {
        keys = new LinkedHashSet<>();
        while (from.nextToken() != JsonToken.END_ARRAY) {
          if (from.currentToken() != JsonToken.VALUE_STRING) {
            return null; // A number could be a key in more than one spelling.
          }
          keys.add(from.getString());
        }
      } else if (name.equals("group") || name.equals("keys")) {
        return null;
      } else {
        from.skipChildren();
      }
    }
    return group == null || from.nextToken() != null ? null : new Notice(group, keys);
  }
}
