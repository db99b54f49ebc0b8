package geecache.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One connection of a client to a {@link FaultyPeer}, served by a thread of its own. */
final class FaultyConnection implements Runnable {
  private static final int TIMES_TOO_LONG = 10;
  private static final long TRICKLE_MILLIS = 20;

  private final FaultyPeer peer;
  private final Socket client;
  private final @Nullable Target target;
  private final InputStream in;
  private final OutputStream out;

  /**
   * Takes over a connection.
   *
   * @param target what is behind this peer; null if there is nothing
   */
  FaultyConnection(FaultyPeer peer, Socket client, @Nullable Target target) throws IOException {
    this.peer = peer;
    this.client = client;
    this.target = target;
    client.setTcpNoDelay(true);
    in = new BufferedInputStream(client.getInputStream());
    out = client.getOutputStream();
  }

  @Override
  public void run() {
    try {
      Head request = Head.read(in);
      while (request != null && serve(request)) {
        request = Head.read(in);
      }
    } catch (IOException gone) {
      // The client, the node behind, or both, by themselves or by cutOff.
    } finally {
      cutOff();
      peer.ended(this);
    }
  }

  /** Ends the connection, whatever it is at. Any thread may call it. */
  void cutOff() {
    try (client) {
      if (target != null) {
        target.close();
      }
    } catch (IOException closed) {
      // As it should be.
    }
  }

  /** Returns whether another request may come. */
  private boolean serve(Head request) throws IOException {
    Fault fault = peer.judge(request, this);
    return switch (fault) {
      case PASS -> target == null ? answer(request, MadeUp.VALUE) : pass(request, target);
      case REFUSE -> leave(request);
      case RESET -> reset(request);
      case SILENT -> stare();
      case HALF_BODY -> answerHalf(request);
      case LONG_BODY -> answerTooLong(request);
      case NOT_FOUND_PAGE -> answer(request, MadeUp.NOT_FOUND);
      case BAD_GATEWAY_PAGE -> answer(request, MadeUp.BAD_GATEWAY);
      case LOGIN_PAGE -> answer(request, MadeUp.LOGIN);
      case REDIRECT -> answer(request, MadeUp.REDIRECT);
      case TRICKLE -> trickle(request);
    };
  }

  private boolean pass(Head request, Target node) throws IOException {
    Head answer = forward(request, node);
    Framing body = Framing.ofAnswer(answer, request.method());
    out.write(answer.bytes());
    body.copy(node.in(), out);
    return request.keepsAlive() && answer.keepsAlive() && !body.endsWithConnection();
  }

  /** Sends the request on, and returns the head of its answer; of interim ones, passes them. */
  private Head forward(Head request, Target node) throws IOException {
    OutputStream to = node.open();
    to.write(request.bytes());
    copyBody(request, to);
    Head answer = node.head();
    while (answer.status() < 200) { // RFC 9110, section 15.2.
      if (answer.status() != 100) {
        out.write(answer.bytes());
      }
      answer = node.head();
    }
    return answer;
  }

  private boolean answer(Head request, MadeUp answer) throws IOException {
    swallow(request);
    out.write(answer.head().bytes());
    if (!request.method().equals("HEAD")) {
      out.write(answer.body());
    }
    return request.keepsAlive();
  }

  private boolean leave(Head request) throws IOException {
    swallow(request);
    return false;
  }

  private boolean reset(Head request) throws IOException {
    swallow(request);
    client.setSoLinger(true, 0);
    return false;
  }

  /** Reads on until the client gives up, or this is cut off. */
  private boolean stare() throws IOException {
    in.transferTo(OutputStream.nullOutputStream());
    return false;
  }

  private boolean answerHalf(Head request) throws IOException {
    Head head = spoiledHead(request);
    Framing framing = Framing.ofAnswer(head, request.method());
    byte[] body = framing.readRaw(spoiledBody());
    if (framing.endsWithConnection()) {
      head = head.withLength(body.length);
    }
    if (body.length == 0) {
      out.write(half(head.bytes()));
    } else {
      out.write(head.bytes());
      out.write(half(body));
    }
    return false;
  }

  private boolean answerTooLong(Head request) throws IOException {
    Head head = spoiledHead(request);
    Framing framing = Framing.ofAnswer(head, request.method());
    byte[] body = framing.read(spoiledBody());
    out.write(framing.isEmpty() ? head.bytes() : head.withLength(body.length).bytes());
    for (int i = 0; i < TIMES_TOO_LONG; i++) {
      out.write(body.length == 0 ? MadeUp.VALUE.body() : body);
    }
    return request.keepsAlive() && head.keepsAlive() && !framing.endsWithConnection();
  }

  /** Returns the head of an answer to be spoiled: the node's, or a made-up one. */
  private Head spoiledHead(Head request) throws IOException {
    if (target != null) {
      return forward(request, target);
    }
    swallow(request);
    return MadeUp.VALUE.head();
  }

  /** Returns what to read the body of that answer from. */
  private InputStream spoiledBody() {
    return target == null ? new ByteArrayInputStream(MadeUp.VALUE.body()) : target.in();
  }

  private static byte[] half(byte[] whole) {
    return Arrays.copyOf(whole, whole.length / 2);
  }

  private boolean trickle(Head request) throws IOException {
    swallow(request);
    String next = "HTTP/1.1 200 OK\r\n";
    try {
      while (true) {
        for (byte octet : next.getBytes(ISO_8859_1)) {
          out.write(octet);
          TimeUnit.MILLISECONDS.sleep(TRICKLE_MILLIS);
        }
        next = "X-More: to come\r\n";
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void swallow(Head request) throws IOException {
    copyBody(request, OutputStream.nullOutputStream());
  }

  /** Reads the body of a request, if need be after having asked for it. */
  private void copyBody(Head request, OutputStream to) throws IOException {
    if (request.lists("Expect", "100-continue")) {
      out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(ISO_8859_1));
    }
    Framing.ofRequest(request).copy(in, to);
  }
}
