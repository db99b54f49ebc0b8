package geecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ByteViewTest {

  @Test
  void copiesBytesIn() {
    byte[] bytes = "630".getBytes(UTF_8);
    ByteView view = ByteView.of(bytes);
    bytes[0] = 'X';
    assertThat(view).hasToString("630");
  }

  @Test
  void handsOutCopies() {
    ByteView view = ByteView.of("630");
    view.toByteArray()[0] = 'X';
    assertThat(view).hasToString("630");
    assertThat(view.toByteArray()).isNotSameAs(view.toByteArray());
  }

  @Test
  void writesAllBytesInOneCallAndWithoutACopy() throws IOException {
    ByteView view = ByteView.of("630");
    List<byte[]> written = new ArrayList<>();
    OutputStream recording =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new AssertionError("one byte at a time");
          }

          @Override
          public void write(byte[] b, int offset, int length) {
            assertThat(offset).isZero();
            assertThat(length).isEqualTo(3);
            written.add(b);
          }
        };
    view.writeTo(recording);
    view.writeTo(recording);
    assertThat(written).hasSize(2);
    assertThat(written.get(0)).isSameAs(written.get(1)).isEqualTo(view.toByteArray());
  }

  @Test
  void equalsByContent() {
    assertThat(ByteView.of("630"))
        .isEqualTo(ByteView.of(new byte[] {'6', '3', '0'}))
        .hasSameHashCodeAs(ByteView.of(new byte[] {'6', '3', '0'}))
        .isNotEqualTo(ByteView.of("631"))
        .isNotEqualTo("630");
  }

  @Test
  void knowsItsLengthInBytes() {
    assertThat(ByteView.of("中").length()).isEqualTo(3);
    assertThat(ByteView.of("").length()).isZero();
    assertThat(ByteView.of("中").at(0)).isEqualTo((byte) 0xe4);
    assertThatThrownBy(() -> ByteView.of("").at(0)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void readsAsUtf8WithReplacement() {
    assertThat(ByteView.of("中🙂")).hasToString("中🙂");
    assertThat(ByteView.of(new byte[] {(byte) 0xff})).hasToString("\ufffd");
  }

  @Test
  void emptyWritesNothing() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteView.of(new byte[0]).writeTo(out);
    assertThat(out.size()).isZero();
  }
}
