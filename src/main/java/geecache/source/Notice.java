package geecache.source;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A notification's payload: {@code {"group":"users","keys":["1","2"]}}, or without keys for the
 * whole group. Other members are ignored.
 *
 * @param group the group whose keys were changed
 * @param keys the changed keys; null for all
 */
record Notice(String group, @Nullable Set<String> keys) {
  private static final JsonFactory JSON = new JsonFactory();

  /** Returns the notice in {@code payload}; nothing if it has another form. */
  static Optional<Notice> parse(String payload) {
    try (JsonParser from = JSON.createParser(ObjectReadContext.empty(), payload)) {
      return from.nextToken() == JsonToken.START_OBJECT
          ? Optional.ofNullable(members(from))
          : Optional.empty();
    } catch (JacksonException malformed) {
      return Optional.empty();
    }
  }

  private static @Nullable Notice members(JsonParser from) {
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
            return null; // A number can be written in several ways, and a key cannot.
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
