package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import geecache.Stamp;
import geecache.cluster.Removal;
import geecache.cluster.Sender;
import geecache.cluster.VersionVector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Headers, paths and queries by themselves. */
final class HeaderFuzz {
  private static final String FIRST = "sixteen-letters-";
  private static final String SECOND = "and-sixteen-more-";
  private static final Secrets SECRETS = Secrets.of(List.of(FIRST, SECOND));
  private static final String ETAG = EntityTags.of(0x0123456789abcdefL);

  @FuzzTest
  void isReadOrRefused(FuzzedDataProvider data) {
    boolean plusIsSpace = data.consumeBoolean();
    String text = data.consumeRemainingAsString();

    assertEncodedIsDecoded(text, plusIsSpace);
    assertDecodedIsEncoded(text, plusIsSpace);
    Sender mark = PeerHeaders.parseSender(text);
    if (mark != null) {
      assertThat(PeerHeaders.parseSender(PeerHeaders.of(mark))).isEqualTo(mark);
    }
    assertRemovals(text);
    Stamp stamp = PeerHeaders.parseStamp(text);
    if (stamp != null) {
      assertThat(PeerHeaders.parseStamp(PeerHeaders.of(stamp))).isEqualTo(stamp);
    }
    VersionVector known = PeerHeaders.parseKnown(text);
    if (known != null) {
      assertThat(PeerHeaders.parseKnown(PeerHeaders.of(known))).isEqualTo(known);
    }
    PeerHeaders.Life life = PeerHeaders.Life.parse(text);
    if (life != null) {
      assertThat(life.ageMillis()).isNotNegative();
      assertThat(PeerHeaders.Life.parse(life.toString())).isEqualTo(life);
    }
    if (SECRETS.isShownIn(text)) {
      assertThat(text).containsAnyOf(FIRST, SECOND);
    }
    EntityTags.hasMatch(text, ETAG);
    KeyTarget.parse(text, text);
    assertBaseUrl(text);
  }

  /** The times are absent, any text, or what can be read. */
  private static void assertRemovals(String text) {
    for (@Nullable String times : new @Nullable String[] {null, text, "7s", "1,2"}) {
      List<Removal.Named> named = PeerHeaders.parseRemoved(text, times);
      if (named != null) {
        assertThat(named).hasSizeLessThanOrEqualTo(Removal.MOST_NAMED);
        assertThat(PeerHeaders.parseRemoved(PeerHeaders.of(named), PeerHeaders.timesOf(named)))
            .isEqualTo(named);
      }
    }
    PeerHeaders.parseRemoved("0123456789abcdef.1", text);
  }

  private static void assertEncodedIsDecoded(String text, boolean plusIsSpace) {
    if (text.codePoints()
        .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      assertThat(PercentCoding.decode(PercentCoding.encode(text), plusIsSpace)).isEqualTo(text);
    }
  }

  private static void assertDecodedIsEncoded(String raw, boolean plusIsSpace) {
    String decoded = PercentCoding.decode(raw, plusIsSpace);
    if (decoded != null) {
      assertThat(raw).matches("[!-~]*");
      assertThat(decoded.length()).isLessThanOrEqualTo(raw.length());
      assertThat(PercentCoding.decode(PercentCoding.encode(decoded), plusIsSpace))
          .isEqualTo(decoded);
    }
  }

  /** A name has one form. */
  private static void assertBaseUrl(String text) {
    String url = BaseUrl.normalizedOrNull(text);
    if (url != null) {
      assertThat(BaseUrl.normalizedOrNull(url)).isEqualTo(url);
      assertThat(url).doesNotEndWith("/");
    }
  }
}
