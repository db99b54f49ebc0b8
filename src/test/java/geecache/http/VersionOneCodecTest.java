package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.cluster.Removal;
import geecache.http.VersionOneCodec.Change;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VersionOneCodecTest {
  private static final Removal OF_TOM = new Removal(1, 2, 0, "g", "Tom");
  private static final Removal OF_ALL = new Removal(-1, 1, 0, "g", null);

  private static final String OF_TOM_HEX = "090100000000000000" + "1002" + "1a0167" + "2203546f6d";
  private static final String OF_ALL_HEX = "09ffffffffffffffff" + "1001" + "1a0167";

  /** Version 1 skips it. */
  private static final String TIME_HEX = "290000000000000000";

  private static final String SET_HEX = "0a13" + OF_TOM_HEX + "1203363330" + "18e0d403";

  private static Change again(List<Removal> removed) throws IOException {
    return VersionOneCodec.readChange(VersionOneCodec.change(removed));
  }

  @Test
  void theBytesOfAChangeAreAContract() throws IOException {
    assertThat(Bytes.hex(VersionOneCodec.change(List.of(OF_TOM, OF_ALL))))
        .isEqualTo("0a1c" + OF_TOM_HEX + TIME_HEX + "0a17" + OF_ALL_HEX + TIME_HEX);
    String change = "0a13" + OF_TOM_HEX + "0a0e" + OF_ALL_HEX;
    assertThat(Bytes.hex(VersionOne.change(OF_TOM, OF_ALL))).isEqualTo(change);
    assertThat(VersionOneCodec.readChange(Bytes.of(change)).removed())
        .containsExactly(OF_TOM, OF_ALL);
  }

  @Test
  void theBytesOfASetAreAContract() throws IOException {
    assertThat(Bytes.hex(VersionOne.set(OF_TOM, "630", 60_000))).isEqualTo(SET_HEX);
    Change read = VersionOneCodec.readChange(Bytes.of(SET_HEX));
    assertThat(read.removed()).containsExactly(OF_TOM);
    assertThat(read.value()).asString().isEqualTo("630");
    assertThat(read.lifeMillis()).isEqualTo(60_000);
  }

  @Test
  void removalsAreReadAsTheyWereWritten() throws IOException {
    Removal odd = new Removal(Long.MIN_VALUE, Long.MAX_VALUE, -1, "~", "中/文 \n");
    Removal empty = new Removal(1, 3, 7, "g", "");
    Change read = again(List.of(odd, OF_ALL, OF_TOM, empty));
    assertThat(read.removed()).containsExactly(odd, OF_ALL, OF_TOM, empty);
    assertThat(read.value()).isNull();
    assertThat(read.lifeMillis()).isEqualTo(-1);
  }

  @Test
  void aValueMayBeEmptyAndHaveAnyTimeToLive() throws IOException {
    Change empty = VersionOneCodec.readChange(VersionOne.set(OF_TOM, "", 0));
    assertThat(empty.value()).isEmpty();
    assertThat(empty.lifeMillis()).isZero();
    assertThat(VersionOneCodec.readChange(VersionOne.set(OF_TOM, "", -1)).lifeMillis())
        .isEqualTo(-1);
  }

  @Test
  void aChangeHasAtMost1000Removals() throws IOException {
    assertThat(again(Collections.nCopies(1000, OF_TOM)).removed()).hasSize(1000);
    assertThatThrownBy(() -> again(Collections.nCopies(1001, OF_TOM)))
        .isInstanceOf(IOException.class)
        .hasMessage("more than 1000 removals");
  }

  /** A removal may take two bytes on the wire, and takes fifty of the heap. */
  @Test
  void removalsOfTwoBytesTakeNoMoreThanTheMostThereMayBe() {
    byte[] body = Bytes.of("0a00".repeat(2_000_000));
    long allocated =
        Bytes.allocatedBy(
            () ->
                assertThatThrownBy(() -> VersionOneCodec.readChange(body))
                    .isInstanceOf(IOException.class));
    assertThat(allocated).isLessThan(1 << 20);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1203363330",
        "0a0e" + OF_ALL_HEX + "1203363330",
        "0a13" + OF_TOM_HEX + "0a13" + OF_TOM_HEX + "1203363330",
      })
  void aValueNeedsOneKey(String hex) {
    assertThatThrownBy(() -> VersionOneCodec.readChange(Bytes.of(hex)))
        .isInstanceOf(IOException.class)
        .hasMessage("a value needs one key");
  }

  /** A removal of a key that lost its key would be one of everything. */
  @Test
  void aChangeThatEndsTooSoonIsRefusedOrEndsBetweenFields() {
    byte[] whole = Bytes.of(SET_HEX);
    for (int length = 0; length < whole.length; length++) {
      try {
        assertThat(VersionOneCodec.readChange(Bytes.first(whole, length)).removed())
            .as("the first %d bytes", length)
            .isIn(List.of(), List.of(OF_TOM));
      } catch (IOException refused) {
        assertThat(refused).hasMessageNotContaining("\n");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a removal past the end, 0a13 090100000000000000 1002 1a0167",
    "a removal of 2 GiB, 0affffffff07 1a0167",
    "a removal of a negative length, 0affffffffffffffffff01 1a0167",
    "a group past its removal, 0a03 1a056162 6364 65",
    "a key of 2 GiB, 0a09 1a0167 22ffffffff07",
    "a value past the end, 1205 3633",
    "a value of 2 GiB, 12ffffffff07 36",
    "a value of a negative length, 12ffffffffffffffffff01 36",
    "a key that is no UTF-8, 0a06 1a0167 2201ff",
    "tag zero, 00",
  })
  void aChangeThatLiesIsRefused(String what, String hex) {
    assertThatThrownBy(() -> VersionOneCodec.readChange(Bytes.of(hex)))
        .as(what)
        .isInstanceOf(IOException.class);
  }

  @Test
  void unknownFieldsAreSkipped() throws IOException {
    String unknown = Bytes.UNKNOWN_FIELDS;
    String removal = unknown + OF_TOM_HEX + unknown;
    String removed = Bytes.lengthOf(removal) + removal;
    Change read =
        VersionOneCodec.readChange(
            Bytes.of(unknown + "0a" + removed + unknown + "1203363330" + "18e0d403" + unknown));
    assertThat(read.removed()).containsExactly(OF_TOM);
    assertThat(read.value()).asString().isEqualTo("630");
    assertThat(read.lifeMillis()).isEqualTo(60_000);
  }

  @Test
  void groupsWithinGroupsDoNotOverflowTheStack() {
    byte[] nested = Bytes.of("7b".repeat(500_000));
    assertThatThrownBy(() -> VersionOneCodec.readChange(nested)).isInstanceOf(IOException.class);
  }

  @Test
  void anyBytesAreReadOrRefused() {
    Bytes.fuzz(Bytes.of(SET_HEX), VersionOneCodec::readChange);
  }
}
