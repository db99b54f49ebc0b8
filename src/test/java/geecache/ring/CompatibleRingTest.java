package geecache.ring;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Owners as golang/groupcache's own code computed them; the file says how it was made. */
class CompatibleRingTest {
  private JsonObject vectors;

  @BeforeEach
  void read() throws IOException {
    try (InputStream in = CompatibleRingTest.class.getResourceAsStream("ring-crc32.json")) {
      vectors = Json.createReader(in).readObject();
    }
  }

  @Test
  void everyOwnerIsThatOfTheOriginal() {
    List<JsonValue> keys = vectors.getJsonArray("keys");
    List<JsonString> hexes = vectors.getJsonArray("keysHex").getValuesAs(JsonString.class);
    int compared = 0;
    for (JsonObject ringCase : vectors.getJsonArray("cases").getValuesAs(JsonObject.class)) {
      List<String> peers = texts(ringCase, "peers");
      HashRing ring = HashRing.compatible(peers, ringCase.getInt("replicas"));
      assertThat(ring.size()).isEqualTo(ringCase.getInt("ringPoints"));
      List<JsonNumber> owners = ringCase.getJsonArray("owners").getValuesAs(JsonNumber.class);
      for (int i = 0; i < owners.size(); i++) {
        String owner = peers.get(owners.get(i).intValue());
        byte[] octets = HexFormat.of().parseHex(hexes.get(i).getString());
        assertThat(ring.ownerOf(PointHash.CRC32.of(octets))).isEqualTo(owner);
        if (keys.get(i) instanceof JsonString key) {
          assertThat(ring.owner(key.getString())).as(key.getString()).isEqualTo(owner);
        }
        compared++;
      }
    }
    assertThat(compared).isEqualTo(1_400);
  }

  @Test
  void everyHashIsThatOfTheOriginal() {
    List<JsonNumber> hashes = vectors.getJsonArray("keyHash").getValuesAs(JsonNumber.class);
    List<JsonString> hexes = vectors.getJsonArray("keysHex").getValuesAs(JsonString.class);
    for (int i = 0; i < hashes.size(); i++) {
      byte[] octets = HexFormat.of().parseHex(hexes.get(i).getString());
      assertThat(PointHash.CRC32.of(octets)).isEqualTo(hashes.get(i).longValue());
    }
    assertThat(hashes).hasSize(200);
  }

  private static List<String> texts(JsonObject object, String name) {
    return object.getJsonArray(name).getValuesAs(JsonString::getString);
  }
}
