package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import geecache.Stamp;
import geecache.cluster.HandedEntries;
import geecache.cluster.HandedEntry;
import geecache.cluster.HandoverResult;
import geecache.cluster.Removal;
import geecache.cluster.VersionVector;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HandoffCodecTest {
  private static final HandedEntries ENTRIES =
      new HandedEntries(
          new VersionVector(Map.of(1L, 300L)),
          List.of(
              new HandedEntry("Tom", "630".getBytes(UTF_8), 1500, 0, new Stamp(3, 1)),
              new HandedEntry("k", new byte[0], -1, -1, null)));

  private static final String ENTRIES_HEX =
      "120e" // What the sender knew:
          + "0a0c0901000000000000001" // an origin
          + "0ac02" // and a number.
          + "0a23" // An entry:
          + "0a03546f6d"
          + "1203363330"
          + "18dc0b2000" // its times,
          + "3212090300000000000000110100000000000000" // its stamp.
          + "0a050a016b1200";

  private static HandedEntries again(HandedEntries entries) throws IOException {
    return HandoffCodec.readEntries(HandoffCodec.entries(entries));
  }

  private static void assertSame(HandedEntries read, HandedEntries written) {
    assertThat(read).usingRecursiveComparison().isEqualTo(written);
  }

  @Test
  void theBytesOfEntriesAreAContract() throws IOException {
    assertThat(Bytes.hex(HandoffCodec.entries(ENTRIES))).isEqualTo(ENTRIES_HEX);
    assertSame(HandoffCodec.readEntries(Bytes.of(ENTRIES_HEX)), ENTRIES);
  }

  @Test
  void entriesAreReadAsTheyWereWritten() throws IOException {
    HandedEntries odd =
        new HandedEntries(
            VersionVector.EMPTY,
            List.of(
                new HandedEntry("中/文 \n", new byte[] {0, -1}, 0, Long.MAX_VALUE, null),
                new HandedEntry("", new byte[0], -1, -1, new Stamp(-1, -1))));
    assertSame(again(odd), odd);
    HandedEntries none = new HandedEntries(VersionVector.EMPTY, List.of());
    assertSame(again(none), none);
  }

  /** Else it would be a message of version 1. */
  @Test
  void aSenderThatKnowsNothingSaysSo() throws IOException {
    HandedEntries nothing = new HandedEntries(VersionVector.EMPTY, ENTRIES.entries());
    assertSame(again(nothing), nothing);
  }

  @Test
  void entriesOfVersion1AreKnownBySayingNothing() throws IOException {
    assertThat(HandoffCodec.readEntries(VersionOne.handoff("Tom", "630"))).isNull();
    assertThat(HandoffCodec.readEntries(VersionOne.handoff("Tom", "630", new Removal.Id(1, 2))))
        .isNull();
    assertThat(HandoffCodec.readEntries(new byte[0])).isNull();
  }

  @Test
  void aMessageHasAtMost1000Entries() throws IOException {
    HandedEntry entry = ENTRIES.entries().get(0);
    HandedEntries most = new HandedEntries(VersionVector.EMPTY, Collections.nCopies(1000, entry));
    assertThat(again(most).entries()).hasSize(1000);
    HandedEntries more = new HandedEntries(VersionVector.EMPTY, Collections.nCopies(1001, entry));
    assertThatThrownBy(() -> again(more))
        .isInstanceOf(IOException.class)
        .hasMessage("more than 1000 entries");
  }

  @ParameterizedTest
  @CsvSource({
    "an entry past the end, 1200 0a20 0a0161",
    "a value past its entry, 1200 0a05 0a0161 1205 3633",
    "a value of 2 GiB, 1200 0a06 12ffffffff07",
    "a key that is no UTF-8, 1200 0a03 0a01ff",
    "a stamp past its entry, 1200 0a03 3212 09",
    "what it knows past the end, 120e 0a0c",
  })
  void entriesThatLieAreRefused(String what, String hex) {
    assertThatThrownBy(() -> HandoffCodec.readEntries(Bytes.of(hex)))
        .as(what)
        .isInstanceOf(IOException.class);
  }

  @Test
  void unknownFieldsAreSkipped() throws IOException {
    String unknown = Bytes.UNKNOWN_FIELDS;
    String entry = unknown + "0a016b1200" + unknown;
    HandedEntries read =
        HandoffCodec.readEntries(
            Bytes.of(unknown + "0a" + Bytes.lengthOf(entry) + entry + unknown + "1200"));
    assertSame(read, new HandedEntries(VersionVector.EMPTY, ENTRIES.entries().subList(1, 2)));
  }

  @Test
  void theBytesOfTheAnswerAreAContract() throws IOException {
    HandoverResult taken = new HandoverResult(1, 300);
    assertThat(Bytes.hex(HandoffCodec.taken(taken))).isEqualTo("080110ac02");
    assertThat(HandoffCodec.readTaken(Bytes.of("080110ac02" + Bytes.UNKNOWN_FIELDS)))
        .isEqualTo(taken);
    assertThat(HandoffCodec.readTaken(new byte[0])).isEqualTo(new HandoverResult(0, 0));
  }

  @Test
  void anyBytesAreReadOrRefused() {
    Bytes.fuzz(Bytes.of(ENTRIES_HEX), HandoffCodec::readEntries);
  }
}
