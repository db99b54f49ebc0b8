package geecache.http;

import com.google.protobuf.CodedOutputStream;
import geecache.ByteView;
import geecache.http.BatchCodec.Frame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * What {@link BatchCodec#write} writes for some frames, in parts: large values are parts
 * themselves, and what is between them is copied, some kilobytes at a time. For one thread.
 */
final class FrameParts implements Iterator<ByteView> {
  /** Shorter values are copied. */
  private static final int LARGE = 1 << 10;

  /** A part that is copied is not much longer. */
  private static final int COPIED = 8 << 10;

  private final Iterator<Frame> frames;

  /** The frame whose value is the next part, or was the last one; null if there is none. */
  private @Nullable Frame begun;

  private boolean valueIsNext;

  FrameParts(List<Frame> frames) {
    this.frames = frames.iterator();
  }

  @Override
  public boolean hasNext() {
    return begun != null || frames.hasNext();
  }

  @Override
  public ByteView next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    if (begun != null && valueIsNext) {
      valueIsNext = false;
      return begun.bytes();
    }
    try {
      return copied();
    } catch (IOException impossible) { // Nothing but memory is written to.
      throw new UncheckedIOException(impossible);
    }
  }

  private ByteView copied() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes, LARGE);
    if (begun != null) {
      BatchCodec.writeAfterBytes(out, begun);
      begun = null;
    }
    while (!valueIsNext && frames.hasNext() && out.getTotalBytesWritten() < COPIED) {
      Frame frame = frames.next();
      if (frame.bytes().length() < LARGE) {
        BatchCodec.write(out, frame);
      } else {
        BatchCodec.writeBeforeBytes(out, frame);
        begun = frame;
        valueIsNext = true;
      }
    }
    out.flush();
    return ByteView.of(bytes.toByteArray());
  }
}
