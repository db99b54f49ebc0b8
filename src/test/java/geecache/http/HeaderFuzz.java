package geecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import geecache.cluster.Removal;
import geecache.cluster.Sender;
import java.util.List;

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
    List<Removal.Carried> carried = PeerHeaders.parseRemoved(text);
    if (carried != null) {
      assertThat(PeerHeaders.parseRemoved(PeerHeaders.of(carried))).isEqualTo(carried);
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
