package geecache.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Asks for one thing as fast as a server answers, on connections that are kept from one thing to
 * the next. A connection is sent its requests in one write, and the next ones once all are
 * answered. For one thread.
 */
final class Flood implements AutoCloseable {
  static final int CONNECTIONS = 64;

  private static final int MOST_BYTES = 1 << 16;
  private static final long SILENCE_LIMIT_MILLIS = TimeUnit.SECONDS.toMillis(20);

  /**
   * What is asked for, and what is to be answered. An answer is compared whole, which is cheaper
   * than to read it; only its date may differ.
   *
   * @param requests those that a connection is sent at once
   * @param depth how many these are
   * @param answer to each of them
   * @param date where the value of the header Date begins
   */
  record Target(ByteBuffer requests, int depth, byte[] answer, int date) {
    private static final String DATE = "\r\nDate: ";
    private static final int DATE_LENGTH = "Sun, 06 Nov 1994 08:49:37 GMT".length();

    /** Asks once, so that the answer is known, which must hold {@code expected}. */
    static Target of(Server server, String context, String path, String expected, int depth)
        throws IOException {
      try (Wire wire = new Wire(server.port(), context)) {
        wire.send(path);
        String answer = wire.receive();
        int date = answer.indexOf(DATE) + DATE.length();
        if (!answer.startsWith("HTTP/1.1 200")
            || !answer.endsWith("\r\n\r\n" + expected)
            || date < DATE.length()) {
          throw new IOException("not what was expected: " + answer);
        }
        byte[] requests = Wire.request(context, path).repeat(depth).getBytes(ISO_8859_1);
        ByteBuffer direct = ByteBuffer.allocateDirect(requests.length).put(requests);
        return new Target(direct, depth, answer.getBytes(ISO_8859_1), date);
      }
    }

    boolean isAnswer(byte[] bytes, int from) {
      int dateEnd = date + DATE_LENGTH;
      return Arrays.equals(answer, 0, date, bytes, from, from + date)
          && Arrays.equals(
              answer, dateEnd, answer.length, bytes, from + dateEnd, from + answer.length);
    }

    boolean hasAnswerOf(Target other) {
      return answer.length == other.answer.length && isAnswer(other.answer, 0);
    }

    @Override
    public String toString() {
      return new String(answer, ISO_8859_1);
    }
  }

  private static final class Connection implements AutoCloseable {
    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(MOST_BYTES);
    private int owed;

    private Connection(int port, Selector selector) throws IOException {
      channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, this);
    }

    private void send(Target target) throws IOException {
      channel.write(target.requests.rewind());
      if (target.requests.hasRemaining()) {
        throw new IOException("a connection that owes nothing has no room for the requests");
      }
      owed = target.depth;
    }

    /** Returns how many answers have come. */
    private int receive(Target target) throws IOException {
      if (channel.read(in) < 0) {
        throw new IOException("the server closed a connection");
      }
      int length = target.answer.length;
      int answers = 0;
      int at = 0;
      for (; in.position() - at >= length; at += length) {
        if (!target.isAnswer(in.array(), at)) {
          throw new IOException("not what was expected, " + target + ": " + text(at));
        }
        answers++;
      }
      in.flip().position(at);
      in.compact();
      owed -= answers;
      return answers;
    }

    private String text(int from) {
      return new String(in.array(), from, in.position() - from, ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private final Selector selector = Selector.open();
  private final List<Connection> connections = new ArrayList<>();

  Flood(Server server) throws IOException {
    for (int i = 0; i < CONNECTIONS; i++) {
      connections.add(new Connection(server.port(), selector));
    }
  }

  /** Asks for {@code nanos}, and returns how many answers came once the last is there. */
  long ask(Target target, long nanos) throws IOException {
    for (Connection connection : connections) {
      connection.send(target);
    }
    long answers = 0;
    long asking = connections.size();
    long end = System.nanoTime() + nanos;
    while (asking > 0) {
      Set<SelectionKey> ready = ready();
      for (SelectionKey key : ready) {
        Connection connection = (Connection) key.attachment();
        answers += connection.receive(target);
        if (connection.owed == 0) {
          if (System.nanoTime() - end < 0) {
            connection.send(target);
          } else {
            asking--;
          }
        }
      }
      ready.clear();
    }
    return answers;
  }

  private Set<SelectionKey> ready() throws IOException {
    if (selector.select(SILENCE_LIMIT_MILLIS) == 0) {
      throw new IOException(
          "no answer came for "
              + SILENCE_LIMIT_MILLIS
              + " ms after: "
              + connections.get(0).text(0));
    }
    return selector.selectedKeys();
  }

  @Override
  public void close() throws IOException {
    for (Connection connection : connections) {
      connection.close();
    }
    selector.close();
  }
}
