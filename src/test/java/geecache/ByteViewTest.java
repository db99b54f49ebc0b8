package geecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteViewTest {

  @Test
  void copiesBytesIn() {
    byte[] bytes = "630".getBytes(UTF_8);
    ByteView view = ByteView.of(bytes);
    bytes[0] = 'X';
    assertThat(view).hasToString("630");
  }

  @Test
  void arraysThatNobodyElseHasAreNotCopied() throws IOException {
    byte[] owned = "630".getBytes(UTF_8);
    OutputStream recording =
        new ByteArrayOutputStream() {
          @Override
          public void write(byte[] bytes, int offset, int length) {
            assertThat(bytes).isSameAs(owned);
            super.write(bytes, offset, length);
          }
        };
    OwnedBytes.view(owned).writeTo(recording);
    assertThat(recording).hasToString("630");
    assertThat(OwnedBytes.view(new byte[0])).isSameAs(ByteView.of(""));
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

  /** A stream that has so many bytes, and gives a few at a time. */
  private static InputStream trickle(int count) {
    return new InputStream() {
      private int given;

      @Override
      public int read() {
        return given == count ? -1 : (byte) given++ & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) {
        if (given == count) {
          return -1;
        }
        int some = Math.min(Math.min(length, 1 + given / 2), count - given);
        for (int i = 0; i < some; i++) {
          bytes[offset + i] = (byte) given++;
        }
        return some;
      }
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000, 1 << 20, (1 << 20) + 1, 5_000_000})
  void readsSoManyBytesOfAStreamAndNoMore(int length) throws IOException {
    InputStream in = trickle(length + 1);
    ByteView view = ByteView.read(in, length);
    assertThat(view.length()).isEqualTo(length);
    for (int i = 0; i < length; i++) {
      if (view.at(i) != (byte) i) {
        throw new AssertionError("byte " + i + " is " + view.at(i));
      }
    }
    assertThat(in.read()).isEqualTo((byte) length & 0xff);
    assertThat(in.read()).isNegative();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1000, (1 << 20) + 1, Integer.MAX_VALUE})
  void aStreamThatEndsTooSoonIsRefused(int length) {
    assertThatThrownBy(() -> ByteView.read(trickle(Math.min(length - 1, 2_000_000)), length))
        .isInstanceOf(EOFException.class)
        .hasMessage(Math.min(length - 1, 2_000_000) + " bytes of " + length + " have come");
  }

  @Test
  void aStreamHasNoNegativeNumberOfBytes() {
    assertThatThrownBy(() -> ByteView.read(trickle(1), -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("length must not be negative: -1");
  }

  @Test
  void aBufferOfTheBytesCannotChangeThem() {
    ByteView view = ByteView.of("630");
    ByteBuffer buffer = view.asByteBuffer();
    assertThat(buffer.isReadOnly()).isTrue();
    assertThat(buffer.hasArray()).isFalse();
    assertThat(UTF_8.decode(buffer).toString()).isEqualTo("630");
    assertThat(view.asByteBuffer().remaining()).isEqualTo(3);
  }

  @Test
  void aStreamOfTheBytesHasThemAll() throws IOException {
    ByteView view = ByteView.of("630");
    byte[] read = view.inputStream().readAllBytes();
    assertThat(read).isEqualTo(view.toByteArray());
    read[0] = 'X';
    assertThat(view).hasToString("630");
    assertThat(ByteView.read(view.inputStream(), 3)).isEqualTo(view);
  }
}
