package geecache.containers;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * A kept connection on which many keys are asked for at once, and the answer is read frame by frame
 * as it comes. The messages stand in {@code docs/protocol.md}.
 */
final class BatchConnection implements AutoCloseable {
  static final String TYPE = "application/vnd.geecache.batch.v1+protobuf";

  private static final int READ_MILLIS = 30_000;

  private final Site site;
  private final String authority;
  private final DefaultBHttpClientConnection connection =
      new DefaultBHttpClientConnection(Http1Config.DEFAULT);

  /** What follows the head of the last answer. */
  private InputStream body = InputStream.nullInputStream();

  /** What a frame says; its number is that of {@code docs/protocol.md}. */
  enum Kind {
    VALUE(1),
    NO_SUCH_KEY(3),
    LOAD_FAILED(4),
    PENDING(7),
    BAD_KEY(8),
    REST_PENDING(14),
    KEEP_ALIVE(15);

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    private static Kind of(int number) throws IOException {
      for (Kind kind : values()) {
        if (kind.number == number) {
          return kind;
        }
      }
      throw new IOException("a frame of an unexpected kind: " + number);
    }
  }

  /** One frame of an answer, its bytes taken for UTF-8. */
  record Frame(int index, Kind kind, String text) {}

  BatchConnection(Site site, int port) throws IOException {
    this.site = site;
    this.authority = "127.0.0.1:" + port;
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(READ_MILLIS);
    connection.bind(socket);
  }

  /** Returns the body of a request for {@code keys}. */
  static byte[] request(boolean mayWait, List<String> keys) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      out.writeBool(1, mayWait);
      for (String key : keys) {
        out.writeTag(2, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(CodedOutputStream.computeStringSize(1, key));
        out.writeString(1, key);
      }
      out.flush();
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
    return bytes.toByteArray();
  }

  /** Asks, and returns the head of the answer once it is there. The one before has to be read. */
  ClassicHttpResponse ask(String group, boolean mayWait, List<String> keys) throws IOException {
    BasicClassicHttpRequest request = new BasicClassicHttpRequest("POST", site.node("/" + group));
    byte[] content = request(mayWait, keys);
    request.setHeader("Host", authority);
    request.setHeader("Content-Type", TYPE);
    request.setHeader("Content-Length", content.length);
    site.credentials().forEach(request::setHeader);
    request.setEntity(new ByteArrayEntity(content, ContentType.create(TYPE)));
    try {
      connection.sendRequestHeader(request);
      connection.sendRequestEntity(request);
      connection.flush();
      ClassicHttpResponse response = connection.receiveResponseHeader();
      connection.receiveResponseEntity(response);
      body = response.getEntity().getContent();
      return response;
    } catch (HttpException malformed) {
      throw new IOException(malformed);
    }
  }

  /** Returns the next frame once it is there, and null at the end of the answer. */
  @Nullable Frame next() throws IOException {
    int first = body.read();
    if (first < 0) {
      return null;
    }
    int size = CodedInputStream.readRawVarint32(first, body);
    byte[] message = body.readNBytes(size);
    if (message.length < size) {
      throw new EOFException("the answer ends within a frame");
    }
    return frame(CodedInputStream.newInstance(message));
  }

  /** The same, passing over signs of life. */
  @Nullable Frame nextButKeepAlive() throws IOException {
    Frame frame = next();
    while (frame != null && frame.kind() == Kind.KEEP_ALIVE) {
      frame = next();
    }
    return frame;
  }

  private static Frame frame(CodedInputStream in) throws IOException {
    int index = 0;
    int kind = 0;
    byte[] bytes = {};
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> index = in.readUInt32();
        case 2 -> kind = in.readEnum();
        case 3 -> bytes = in.readByteArray();
        default -> in.skipField(tag);
      }
    }
    return new Frame(index, Kind.of(kind), new String(bytes, UTF_8));
  }

  /** Ends the connection, whatever is still to come. */
  @Override
  public void close() {
    connection.close(org.apache.hc.core5.io.CloseMode.IMMEDIATE);
  }
}
