package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** What a Go node answers. */
final class GroupcacheMessageFuzz {
  static Stream<byte[]> seeds() throws IOException {
    return Stream.of(
        GroupcacheCodec.encode("630".getBytes(UTF_8)),
        Bytes.of("0a0136" + Bytes.UNKNOWN_FIELDS + "110000000000000000"));
  }

  @MethodSource("seeds")
  @FuzzTest
  void isReadAndWrittenAgainOrRefused(byte[] body) throws IOException {
    byte[] value = UntrustedBytes.read(body, GroupcacheCodec::decode);
    if (value != null) {
      byte[] written = GroupcacheCodec.encode(value);
      assertThat(written.length).isLessThanOrEqualTo(value.length + GroupcacheCodec.ALLOWANCE);
      assertThat(GroupcacheCodec.decode(written)).isEqualTo(value);
    }
  }
}
