package geecache.membership;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HandshakeTest {
  private static final String OLD = "the-secret-of-before";
  private static final String NEW = "the-secret-from-now";

  /** How much a client sends before its first text. */
  private static final int PROOF_BYTES = 20 + 18;

  private static Handshake handshake(String... secrets) {
    return new Handshake(new SealingKeys(List.of(secrets), "c"), new SecureRandom());
  }

  /** Bytes on their way from one end to the other, whichever threads those are. */
  private static final class Pipe {
    private static final int END = -1;

    private final BlockingQueue<Integer> bytes = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream recorded = new ByteArrayOutputStream();

    final InputStream in =
        new InputStream() {
          @Override
          public int read() throws IOException {
            try {
              int next = bytes.take();
              if (next == END) {
                bytes.add(END);
              }
              return next;
            } catch (InterruptedException interrupt) {
              throw new IOException(interrupt);
            }
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            int next = read();
            if (next == END) {
              return END;
            }
            into[offset] = (byte) next;
            return 1;
          }
        };

    final OutputStream out =
        new OutputStream() {
          @Override
          public void write(int one) {
            recorded.write(one);
            bytes.add(one & 0xff);
          }

          @Override
          public void close() {
            bytes.add(END);
          }
        };
  }

  /** A client and a server whose streams are joined. */
  private static final class Joined {
    private final Pipe toServer = new Pipe();
    private final Pipe toClient = new Pipe();
    private final Handshake.Streams client;
    private final Handshake.Streams server;

    Joined(Handshake client, Handshake server) throws Exception {
      CompletableFuture<Handshake.Streams> proved =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return server.asServer(toServer.in, toClient.out);
                } catch (IOException refused) {
                  toClient.bytes.add(Pipe.END);
                  throw new IllegalStateException(refused);
                }
              });
      this.client = client.asClient(toClient.in, toServer.out);
      this.server = proved.get();
    }

    byte[] recorded() {
      return toServer.recorded.toByteArray();
    }

    Joined say(String text) throws IOException {
      client.out().write(text.getBytes(UTF_8));
      client.out().flush();
      return this;
    }

    String heard(int bytes) throws IOException {
      return new String(server.in().readNBytes(bytes), UTF_8);
    }
  }

  private static Handshake.Streams serve(Handshake by, byte[] sent) throws IOException {
    return by.asServer(new ByteArrayInputStream(sent), new ByteArrayOutputStream());
  }

  @Test
  void bothEndsHearEachOther() throws Exception {
    Joined joined = new Joined(handshake(OLD), handshake(OLD)).say("to the server");
    assertThat(joined.heard(13)).isEqualTo("to the server");
    joined.server.out().write("to the client".getBytes(UTF_8));
    joined.server.out().flush();
    assertThat(joined.client.in().readNBytes(13)).asString(UTF_8).isEqualTo("to the client");
  }

  @Test
  void longTextsComeInFrames() throws Exception {
    String text = "0123456789".repeat(SealedInput.MAX_TEXT / 3);
    Joined joined = new Joined(handshake(OLD), handshake(OLD));
    CompletableFuture<Void> saying =
        CompletableFuture.runAsync(
            () -> {
              try {
                joined.say(text);
              } catch (IOException broken) {
                throw new IllegalStateException(broken);
              }
            });
    assertThat(joined.heard(text.length())).isEqualTo(text);
    saying.get();
  }

  @Test
  void secretsAreReplacedOneNodeAfterTheOther() throws Exception {
    Handshake before = handshake(OLD, NEW);
    Handshake between = handshake(NEW, OLD);
    Handshake after = handshake(NEW);
    for (Handshake[] ends :
        new Handshake[][] {
          {before, between}, {between, before}, {between, after}, {after, between}
        }) {
      assertThat(new Joined(ends[0], ends[1]).say("x").heard(1)).isEqualTo("x");
    }
  }

  @Test
  void anotherSecretIsRefusedByBothEnds() {
    assertThatThrownBy(() -> new Joined(handshake(OLD), handshake(NEW)))
        .isInstanceOfAny(EOFException.class, IOException.class);
    assertThatThrownBy(
            () ->
                handshake(OLD)
                    .asClient(
                        new ByteArrayInputStream(new byte[1_000]), new ByteArrayOutputStream()))
        .isInstanceOf(NotSealedException.class);
  }

  @Test
  void whatIsRecordedOfOneConnectionIsWorthNothingInAnother() throws Exception {
    Handshake server = handshake(OLD);
    byte[] recorded = new Joined(handshake(OLD), server).say("x").recorded();
    assertThat(recorded).hasSizeGreaterThan(PROOF_BYTES);
    assertThatThrownBy(() -> serve(server, recorded)).isInstanceOf(NotSealedException.class);
  }

  /** What the client sends is no proof to the client, were it to be the server as well. */
  @Test
  void whatIsReflectedIsRefused() throws Exception {
    Pipe back = new Pipe();
    assertThatThrownBy(() -> handshake(OLD).asClient(back.in, back.out))
        .isInstanceOf(NotSealedException.class);
  }

  @Test
  void framesAreNeitherRepeatedNorLeftOutNorExchanged() throws Exception {
    byte[][] frames = new byte[2][];
    ByteArrayOutputStream sealed = new ByteArrayOutputStream();
    SealedOutput out = new SealedOutput(sealed, cipher());
    for (int i = 0; i < frames.length; i++) {
      out.write('a' + i);
      out.flush();
      frames[i] = sealed.toByteArray();
      sealed.reset();
    }
    for (int[] order : new int[][] {{0, 0}, {1}, {1, 0}}) {
      ByteArrayOutputStream sent = new ByteArrayOutputStream();
      for (int each : order) {
        sent.write(frames[each]);
      }
      SealedInput in = new SealedInput(new ByteArrayInputStream(sent.toByteArray()), cipher(), 0);
      assertThatThrownBy(() -> in.readNBytes(2))
          .as("%s", Arrays.toString(order))
          .isInstanceOf(NotSealedException.class);
    }
  }

  private static FrameCipher cipher() {
    return new FrameCipher(new SealingKeys(List.of(OLD), "c").derive(0, "test"));
  }

  @Test
  void aLengthPastTheBoundIsRefusedBeforeAnythingIsRead() {
    InputStream endless =
        new InputStream() {
          private int read;

          @Override
          public int read() {
            assertThat(++read).as("bytes read").isLessThanOrEqualTo(2);
            return 0xff;
          }
        };
    assertThatThrownBy(() -> new SealedInput(endless, cipher(), 0).read())
        .isInstanceOf(NotSealedException.class);
  }

  @Test
  void aFrameThatIsCutIsNotHeard() throws Exception {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    SealedOutput out = new SealedOutput(sent, cipher());
    out.write("a text".getBytes(UTF_8));
    out.flush();
    for (int length = 1; length < sent.size(); length++) {
      InputStream cut = new ByteArrayInputStream(sent.toByteArray(), 0, length);
      assertThatThrownBy(() -> new SealedInput(cut, cipher(), 0).read())
          .isInstanceOf(EOFException.class);
    }
  }

  @Test
  void anEndWithoutAWordIsNoStranger() throws Exception {
    assertThat(serve(handshake(OLD), new byte[0])).isNull();
    assertThatThrownBy(() -> serve(handshake(OLD), new byte[] {'g'}))
        .isInstanceOf(EOFException.class);
  }
}
