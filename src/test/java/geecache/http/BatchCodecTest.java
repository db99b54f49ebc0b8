package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedOutputStream;
import geecache.ByteView;
import geecache.Stamp;
import geecache.cluster.KeyRead;
import geecache.cluster.Removal;
import geecache.cluster.VersionVector;
import geecache.http.BatchCodec.BatchRead;
import geecache.http.BatchCodec.Frame;
import geecache.http.BatchCodec.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchCodecTest {
  private static final int MAX_VALUE_BYTES = 1 << 20;

  private static final BatchRead ASKED =
      new BatchRead(
          true,
          List.of(
              new KeyRead("Tom", List.of(named(0x0102030405060708L, 300, 7, true)), false),
              new KeyRead("k", List.of(), false)),
          VersionVector.EMPTY);

  private static final String ASKED_HEX =
      "0801" // It may wait.
          + "121e" // An ask of 30 bytes:
          + "0a03546f6d" // its key,
          + "1217" // and a removal of 23 bytes:
          + "090807060504030201" // its origin,
          + "10ac02" // its number,
          + "1801" // that it is of everything,
          + "210700000000000000" // and its time.
          + "12030a016b"; // An ask for k.

  private static Removal.Named named(long origin, long number, long time, boolean everything) {
    return new Removal.Named(new Removal.Id(origin, number), time, everything);
  }

  private static Frame timed(int index, Kind kind, ByteView value, long age, long life) {
    return new Frame(index, kind, value, age, life, false, false, null, null, 0);
  }

  private static byte[] bytes(Frame... frames) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    int size = 0;
    for (Frame frame : frames) {
      BatchCodec.write(out, frame);
      size += BatchCodec.size(frame);
    }
    out.flush();
    assertThat(bytes.size()).isEqualTo(size);
    return bytes.toByteArray();
  }

  private static FrameReader frames(byte[] bytes) {
    return new FrameReader(new ByteArrayInputStream(bytes));
  }

  private static Frame read(byte[] bytes) throws IOException {
    return frames(bytes).read(MAX_VALUE_BYTES);
  }

  @Test
  void theBytesOfARequestAreAContract() throws IOException {
    assertThat(Bytes.hex(BatchCodec.request(ASKED))).isEqualTo(ASKED_HEX);
    assertThat(Bytes.readRequest(Bytes.of(ASKED_HEX))).isEqualTo(ASKED);
  }

  @Test
  void aRequestIsReadAsItWasWritten() throws IOException {
    BatchRead asked =
        new BatchRead(
            false,
            List.of(
                new KeyRead("中/文 \n", List.of(), false),
                new KeyRead("", List.of(), false),
                new KeyRead(
                    "x".repeat(2048),
                    List.of(
                        named(-1, Long.MAX_VALUE, -1, false), named(Long.MIN_VALUE, 0, 0, true)),
                    false)),
            new VersionVector(Map.of(-1L, 1L, 7L, Long.MAX_VALUE)));
    assertThat(Bytes.readRequest(BatchCodec.request(asked))).isEqualTo(asked);
  }

  @Test
  void aRemovalMayMakeWayForASet() throws IOException {
    Removal.Named ofSet = new Removal.Named(new Removal.Id(1, 2), 3, false, true);
    BatchRead asked =
        new BatchRead(false, List.of(new KeyRead("k", List.of(ofSet), false)), VersionVector.EMPTY);
    assertThat(Bytes.hex(BatchCodec.request(asked))).endsWith("2103000000000000002801");
    assertThat(Bytes.readRequest(BatchCodec.request(asked))).isEqualTo(asked);
  }

  @Test
  void anEmptyRequestAsksForNothing() throws IOException {
    assertThat(Bytes.readRequest(new byte[0]))
        .isEqualTo(new BatchRead(false, List.of(), VersionVector.EMPTY));
  }

  @Test
  void aKeyHasAtMost64Removals() throws IOException {
    KeyRead most = new KeyRead("k", Collections.nCopies(64, named(1, 2, 3, true)), false);
    assertThat(
            Bytes.readRequest(
                    BatchCodec.request(new BatchRead(true, List.of(most), VersionVector.EMPTY)))
                .keys())
        .containsExactly(most);
    KeyRead more = new KeyRead("k", Collections.nCopies(65, named(1, 2, 3, true)), false);
    byte[] tooMany = BatchCodec.request(new BatchRead(true, List.of(more), VersionVector.EMPTY));
    assertThatThrownBy(() -> Bytes.readRequest(tooMany))
        .isInstanceOf(IOException.class)
        .hasMessage("more than 64 removals");
  }

  @Test
  void theBytesOfTheTimeThatIsLeftAreAContract() throws IOException {
    BatchRead asked =
        new BatchRead(
            false,
            List.of(new KeyRead("k", List.of(), false, Duration.ofMillis(300), 1, 0)),
            VersionVector.EMPTY);
    byte[] request = BatchCodec.request(asked);
    assertThat(Bytes.hex(request)).isEqualTo("0800" + "1206" + "0a016b" + "38ac02");
    assertThat(Bytes.readRequest(request)).isEqualTo(asked);
    assertThat(read(bytes(Frame.pending(1, true)))).isEqualTo(Frame.pending(1, true));
    assertThat(Bytes.hex(bytes(Frame.pending(1, true))))
        .isEqualTo("08" + "0801" + "1007" + "1a00" + "6801");
  }

  @Test
  void theBytesOfCallersAndHitsAreAContract() throws IOException {
    BatchRead asked =
        new BatchRead(
            false, List.of(new KeyRead("k", List.of(), false, null, 300, 5)), VersionVector.EMPTY);
    byte[] request = BatchCodec.request(asked);
    assertThat(Bytes.hex(request)).isEqualTo("0800" + "1208" + "0a016b" + "40ac02" + "3005");
    assertThat(Bytes.readRequest(request)).isEqualTo(asked);
  }

  @ParameterizedTest
  @CsvSource({
    "1205, 0a016b4000, 1, 0",
    "1209, 0a016b40ffffffff07, 65536, 0",
    "120e, 0a016b40ffffffffffffffffff01, 65536, 0",
    "120e, 0a016b30ffffffffffffffffff01, 1, 65536"
  })
  void anyNumberOfCallersAndHitsIsTakenWithinBounds(
      String ask, String fields, int callers, int hits) throws IOException {
    KeyRead read = Bytes.readRequest(Bytes.of(ask + fields)).keys().get(0);
    assertThat(read.callers()).isEqualTo(callers);
    assertThat(read.copyHits()).isEqualTo(hits);
  }

  @Test
  void theBytesOfTheRateAreAContract() throws IOException {
    Frame popular =
        new Frame(0, Kind.VALUE, ByteView.of("630"), -1, -1, false, false, null, null, 300);
    assertThat(Bytes.hex(bytes(popular)))
        .isEqualTo("0c" + ("0800" + "1001" + "1a03363330" + "70ac02"));
    assertThat(read(bytes(popular))).isEqualTo(popular);
  }

  @Test
  void aTimeThatIsLeftMayBeAnyNumber() throws IOException {
    KeyRead asked =
        Bytes.readRequest(Bytes.of("120e" + "0a016b" + "38ffffffffffffffffff01")).keys().get(0);
    assertThat(asked.left()).isGreaterThan(Duration.ofDays(36_500));
  }

  @Test
  void aRequestHasAtMost1024Keys() throws IOException {
    KeyRead ask = new KeyRead("k", List.of(), false);
    byte[] most =
        BatchCodec.request(
            new BatchRead(true, Collections.nCopies(1024, ask), VersionVector.EMPTY));
    assertThat(Bytes.readRequest(most).keys()).hasSize(1024);
    byte[] tooMany =
        BatchCodec.request(
            new BatchRead(true, Collections.nCopies(1025, ask), VersionVector.EMPTY));
    assertThatThrownBy(() -> Bytes.readRequest(tooMany))
        .isInstanceOf(IOException.class)
        .hasMessage("more than 1024 keys");
  }

  @Test
  void theLongestRequestFits() throws IOException {
    List<Removal.Named> removed =
        Collections.nCopies(16, named(Long.MAX_VALUE, Long.MAX_VALUE, -1, true));
    KeyRead longest = new KeyRead("x".repeat(2048), removed, false);
    assertThat(
            BatchCodec.request(
                    new BatchRead(true, Collections.nCopies(1024, longest), VersionVector.EMPTY))
                .length)
        .isLessThan(BatchCodec.LONGEST_REQUEST);
  }

  @Test
  void aRequestThatEndsTooSoonIsRefusedOrEndsBetweenKeys() throws IOException {
    byte[] whole = Bytes.of(ASKED_HEX);
    for (int length = 0; length < whole.length; length++) {
      try {
        BatchRead read = Bytes.readRequest(Bytes.first(whole, length));
        assertThat(read.keys())
            .as("the first %d bytes", length)
            .isEqualTo(ASKED.keys().subList(0, read.keys().size()));
      } catch (IOException refused) {
        assertThat(refused).hasMessageNotContaining("\n");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a key of 2 GiB, 1206 0affffffff07",
    "a key past its ask, 1205 0a0561626364 0a01",
    "a negative length of an ask, 12ffffffffffffffffff01 0a0161",
    "a negative length of a key, 120c 0affffffffffffffffff01 6161",
    "an ask past the end, 1210 0a0161",
    "an ask without its removals, 1215 0a03546f6d",
    "a removal past its ask, 1209 0a0161 1210 09000000",
    "a removal past the end, 1220 0a0161 1210 090807060504030201",
    "no valid UTF-8, 1203 0a01ff",
    "tag zero, 00",
    "a length without end, 12ffffffffffffffffffffffff",
    "an unknown field past the end, fa0105",
  })
  void aRequestThatLiesIsRefused(String what, String hex) {
    assertThatThrownBy(() -> Bytes.readRequest(Bytes.of(hex)))
        .as(what)
        .isInstanceOf(IOException.class);
  }

  @Test
  void unknownFieldsOfARequestAreSkipped() throws IOException {
    String unknown = Bytes.UNKNOWN_FIELDS;
    String removal = "09 0100000000000000" + unknown + "1002 1801";
    String ask = unknown + "0a0161" + "12" + Bytes.lengthOf(removal) + removal + unknown;
    String request = unknown + "0801" + "12" + Bytes.lengthOf(ask) + ask + unknown;
    assertThat(Bytes.readRequest(Bytes.of(request)))
        .isEqualTo(
            new BatchRead(
                true,
                List.of(new KeyRead("a", List.of(named(1, 2, 0, true)), false)),
                VersionVector.EMPTY));
  }

  @Test
  void theBytesOfAFrameAreAContract() throws IOException {
    Frame stale = timed(3, Kind.STALE_VALUE, ByteView.of("630"), 1500, 0);
    assertThat(Bytes.hex(bytes(stale)))
        .isEqualTo("0e" + "0803" + "1002" + "1a03363330" + "20dc0b2800");
    Frame alive = Frame.of(0, Kind.KEEP_ALIVE);
    assertThat(Bytes.hex(bytes(alive))).isEqualTo("06" + "0800" + "100f" + "1a00");
  }

  @ParameterizedTest
  @CsvSource({
    "VALUE, 01",
    "STALE_VALUE, 02",
    "NO_SUCH_KEY, 03",
    "LOAD_FAILED, 04",
    "LOAD_TIMEOUT, 05",
    "OVERLOADED, 06",
    "PENDING, 07",
    "BAD_KEY, 08",
    "INTERNAL_ERROR, 09",
    "REST_PENDING, 0e",
    "KEEP_ALIVE, 0f",
  })
  void theCodeOfAStatusIsAContract(Kind kind, String code) throws IOException {
    assertThat(Bytes.hex(bytes(Frame.of(0, kind)))).isEqualTo("06080010" + code + "1a00");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aFrameIsReadAsItWasWritten(Kind kind) throws IOException {
    Frame timed = timed(1023, kind, ByteView.of(new byte[] {0, -1, 127}), 7, Long.MAX_VALUE);
    Frame endless = Frame.of(0, kind);
    FrameReader in = frames(bytes(timed, endless));
    assertThat(in.read(MAX_VALUE_BYTES)).isEqualTo(timed);
    assertThat(in.read(MAX_VALUE_BYTES)).isEqualTo(endless);
    assertThat(in.isAtEnd()).isTrue();
  }

  @Test
  void moreFramesMayFollowThanAMessageMayHaveBytes() throws IOException {
    byte[] one = bytes(Frame.of(0, Kind.VALUE, ByteView.of(new byte[MAX_VALUE_BYTES])));
    FrameReader in = new FrameReader(Bytes.repeated(one, 70));
    for (int i = 0; i < 70; i++) {
      assertThat(in.read(MAX_VALUE_BYTES).bytes().length()).isEqualTo(MAX_VALUE_BYTES);
    }
  }

  @Test
  void aValueWithoutAnEndMayBeServedForAWhileOnly() throws IOException {
    Frame limited =
        new Frame(0, Kind.VALUE, ByteView.of("630"), 0, 9000, true, false, null, null, 0);
    assertThat(Bytes.hex(bytes(limited)))
        .isEqualTo("10" + ("0800" + "1001" + "1a03363330" + "2000" + "28a846" + "6001"));
    assertThat(read(bytes(limited))).isEqualTo(limited);
  }

  @Test
  void theBytesOfAStampAndOfWhatTheNodeKnowsAreAContract() throws IOException {
    Frame set =
        new Frame(
            3,
            Kind.VALUE,
            ByteView.of("630"),
            -1,
            -1,
            false,
            false,
            new Stamp(7, 1),
            new VersionVector(Map.of(1L, 300L)),
            0);
    assertThat(Bytes.hex(bytes(set)))
        .isEqualTo(
            "2d"
                + ("0803" + "1001" + "1a03363330")
                + ("3212" + "090700000000000000" + "110100000000000000")
                + ("3a0e" + "0a0c" + "090100000000000000" + "10ac02"));
    assertThat(read(bytes(set))).isEqualTo(set);
  }

  /** It would otherwise be a node of version 1, of which no value from memory is taken. */
  @Test
  void aNodeThatKnowsNothingSaysSo() throws IOException {
    Frame knowing = Frame.of(0, Kind.NOT_CACHED).knowing(VersionVector.EMPTY);
    assertThat(read(bytes(knowing))).isEqualTo(knowing);
    assertThat(read(bytes(Frame.of(0, Kind.NOT_CACHED))).known()).isNull();
  }

  @Test
  void whatANodeKnowsFitsIntoAFrameWithTheLongestMessage() throws IOException {
    VersionVector known =
        new VersionVector(
            LongStream.range(0, 1024)
                .boxed()
                .collect(Collectors.toMap(id -> id, id -> Long.MAX_VALUE)));
    String message = Reply.truncated("中".repeat(100_000));
    Frame frame = Frame.of(0, Kind.LOAD_FAILED, ByteView.of(message)).knowing(known);
    assertThat(frames(bytes(frame)).read(1)).isEqualTo(frame);
  }

  @Test
  void aFrameThatEndsTooSoonIsRefused() throws IOException {
    byte[] whole = bytes(timed(3, Kind.VALUE, ByteView.of("630"), 1500, 9000));
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Bytes.first(whole, length);
      assertThatThrownBy(() -> read(cut))
          .as("the first %d bytes", length)
          .isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ffffffff07, 2147483647",
    "8080808008, 2147483648",
    "ffffffffffffffffff01, 4294967295",
    "8180848004, 1073807361",
  })
  void aFrameLongerThanAValueAllowsIsRefused(String length, String announced) {
    assertThatThrownBy(() -> read(Bytes.of(length + "0800100f1a00")))
        .isInstanceOf(IOException.class)
        .hasMessage("a frame announces " + announced + " bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "a value past its frame, 08 0800 1001 1a05 3633 0e",
    "a value of 2 GiB, 0b 0800 1001 1affffffff07 36",
    "a negative length, 10 0800 1001 1affffffffffffffffff01 36",
    "an unknown field past its frame, 06 0800 1001 7a05 0102030405",
    "an index without end, 0d 08ffffffffffffffffffff01 1001",
  })
  void aFrameThatLiesIsRefused(String what, String hex) {
    assertThatThrownBy(() -> read(Bytes.of(hex))).as(what).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"04 0800 1000", "04 0800 1011", "04 0800 1010", "04 0800 107f", "00"})
  void aFrameOfAnUnknownKindIsRefused(String hex) {
    assertThatThrownBy(() -> read(Bytes.of(hex)))
        .isInstanceOf(IOException.class)
        .hasMessage("a frame has an unknown kind");
  }

  @Test
  void aValueOverTheLimitIsRefusedAndALongMessageIsNot() throws IOException {
    ByteView long3 = ByteView.of("630");
    FrameReader value = frames(bytes(Frame.of(0, Kind.VALUE, long3)));
    assertThatThrownBy(() -> value.read(2))
        .isInstanceOf(IOException.class)
        .hasMessage("a frame has a value of 3 bytes");
    FrameReader stale = frames(bytes(Frame.of(0, Kind.STALE_VALUE, long3)));
    assertThatThrownBy(() -> stale.read(2)).isInstanceOf(IOException.class);
    FrameReader message = frames(bytes(Frame.of(0, Kind.LOAD_FAILED, long3)));
    assertThat(message.read(2).bytes()).isEqualTo(long3);
  }

  /** Half an end is none: a value is never taken for fresher than it is said to be. */
  @Test
  void unknownFieldsOfAFrameAreSkipped() throws IOException {
    String fields =
        Bytes.UNKNOWN_FIELDS + "0802 1001" + Bytes.UNKNOWN_FIELDS + "1a0136" + Bytes.UNKNOWN_FIELDS;
    assertThat(read(Bytes.of(Bytes.lengthOf(fields) + fields)))
        .usingRecursiveComparison()
        .isEqualTo(Frame.of(2, Kind.VALUE, ByteView.of(new byte[] {'6'})));
  }

  @Test
  void aPromiseThatIsNotKeptTakesNoMemory() {
    byte[] lie = Bytes.of("8080 c007 0800 1001 1af0ffbf07 36"); // 15 MiB, of which one byte comes.
    long allocated =
        Bytes.allocatedBy(
            () ->
                assertThatThrownBy(() -> frames(lie).read(16 << 20))
                    .isInstanceOf(IOException.class));
    assertThat(allocated).isLessThan(8 << 20);
  }

  @Test
  void groupsWithinGroupsDoNotOverflowTheStack() {
    byte[] nested = Bytes.of("7b".repeat(500_000));
    assertThatThrownBy(() -> Bytes.readRequest(nested)).isInstanceOf(IOException.class);
    byte[] frame = Bytes.of("a0c21e" + "7b".repeat(500_000));
    assertThatThrownBy(() -> read(frame)).isInstanceOf(IOException.class);
  }

  @Test
  void anyBytesAreReadOrRefused() throws IOException {
    Frame frame =
        new Frame(
            3,
            Kind.VALUE,
            ByteView.of("630"),
            1500,
            9000,
            true,
            true,
            new Stamp(7, 1),
            new VersionVector(Map.of(1L, 300L)),
            0);
    Bytes.fuzz(BatchCodec.request(ASKED), Bytes::readRequest);
    Bytes.fuzz(bytes(frame, frame), bytes -> readAll(frames(bytes)));
  }

  private static void readAll(FrameReader in) throws IOException {
    while (!in.isAtEnd()) {
      in.read(MAX_VALUE_BYTES);
    }
  }
}
