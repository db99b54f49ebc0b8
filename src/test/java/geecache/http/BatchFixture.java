package geecache.http;

import static geecache.Callers.result;

import geecache.ByteView;
import geecache.Callers;
import geecache.FakeTicker;
import geecache.GatedGetter;
import geecache.cluster.KeyRead;
import geecache.cluster.VersionVector;
import geecache.http.BatchCodec.BatchRead;
import geecache.http.BatchCodec.Frame;
import geecache.http.BatchCodec.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;

/** A node that is asked for many keys by a {@code POST}, and its frames. */
abstract class BatchFixture {
  final FakeTicker ticker = new FakeTicker();
  final GatedGetter source = new GatedGetter();
  final Callers callers = new Callers();
  ServedNode served = new ServedNode(ServedNode.SECRET, ticker).asNode();

  @AfterEach
  void close() {
    served.close();
    callers.close();
  }

  static BatchRead asked(boolean mayWait, String... keys) {
    return new BatchRead(
        mayWait,
        Stream.of(keys).map(key -> new KeyRead(key, List.of(), false)).toList(),
        VersionVector.EMPTY);
  }

  static FrameReader framesOf(Reply reply) throws IOException {
    return new FrameReader(new ByteArrayInputStream(now(reply).toByteArray()));
  }

  /** Returns what is there before anything comes later. */
  private static ByteArrayOutputStream now(Reply reply) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Iterator<ByteView> parts = reply.parts(); parts.hasNext(); ) {
      parts.next().writeTo(bytes);
    }
    return bytes;
  }

  static Reply.Later later(Reply reply) {
    return (Reply.Later) reply.rest();
  }

  static List<Frame> read(Reply reply) throws IOException {
    List<Frame> frames = new ArrayList<>();
    FrameReader in = framesOf(reply);
    while (!in.isAtEnd()) {
      frames.add(ServedNode.next(in));
    }
    return frames;
  }

  static String text(Frame frame) {
    return frame.index() + " " + frame.kind() + " " + frame.bytes().toString();
  }

  static List<String> texts(Reply reply) throws IOException {
    return read(reply).stream().map(BatchFixture::text).toList();
  }

  /** Returns what is said of keys, at once or after that. */
  static List<String> soonerOrLater(Reply reply) throws IOException {
    ByteArrayOutputStream body = now(reply);
    if (reply.rest() instanceof Reply.Later later) {
      later.writeTo(body);
    }
    List<String> texts = new ArrayList<>();
    FrameReader in = new FrameReader(new ByteArrayInputStream(body.toByteArray()));
    while (!in.isAtEnd()) {
      Frame frame = ServedNode.next(in);
      if (frame.kind() != Kind.REST_PENDING && frame.kind() != Kind.KEEP_ALIVE) {
        texts.add(text(frame));
      }
    }
    return texts;
  }

  void load(String key) throws Exception {
    CompletableFuture<?> loading = served.node.find("g").orElseThrow().getAsync(key);
    source.next().answer("value of " + key);
    result(loading);
  }

  /** Writes the rest of {@code reply} as a container would, and returns what a peer reads. */
  FrameReader follow(Reply reply) throws IOException {
    PipedOutputStream body = new PipedOutputStream();
    PipedInputStream frames = new PipedInputStream(body, 1 << 16);
    callers.call(
        () -> {
          try (body) {
            later(reply).writeTo(body);
          }
          return null;
        });
    return new FrameReader(frames);
  }
}
