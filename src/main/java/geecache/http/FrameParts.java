package geecache.http;

import com.google.protobuf.CodedOutputStream;
import geecache.ByteView;
import geecache.OwnedBytes;
import geecache.http.BatchCodec.Frame;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * What {@link BatchCodec#write} writes for some frames, in parts: large values are parts
 * themselves, and what is between them is copied, some kilobytes at a time. No part is empty. For
 * one thread.
 */
final class FrameParts implements Iterator<ByteView> {
  /** Shorter values are copied: a container takes one array faster than several short ones. */
  private static final int LARGE = 8 << 10;

  /** A part that is copied is not much longer. As much as the buffers of containers hold. */
  private static final int COPIED = 32 << 10;

  private final List<Frame> frames;

  /** The index of the first frame of which no part has anything. */
  private int next;

  /** The frame of which the last parts have the beginning; null if they end with a whole frame. */
  private @Nullable Frame begun;

  private boolean valueIsNext;

  FrameParts(List<Frame> frames) {
    this.frames = frames;
  }

  @Override
  public boolean hasNext() {
    return begun != null || next < frames.size();
  }

  @Override
  public ByteView next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    if (begun != null && valueIsNext) {
      return value(begun);
    }
    try {
      return copied();
    } catch (IOException impossible) { // Nothing but memory is written to.
      throw new UncheckedIOException(impossible);
    }
  }

  private ByteView value(Frame large) {
    valueIsNext = false;
    if (BatchCodec.sizeAfterBytes(large) == 0) {
      begun = null;
    }
    return large.bytes();
  }

  private ByteView copied() throws IOException {
    int size = begun == null ? 0 : BatchCodec.sizeAfterBytes(begun);
    int end = next;
    while (end < frames.size() && size < COPIED && !isLarge(frames.get(end))) {
      size += BatchCodec.size(frames.get(end++));
    }
    Frame large = end < frames.size() && isLarge(frames.get(end)) ? frames.get(end) : null;
    if (large != null) {
      size += BatchCodec.sizeBeforeBytes(large);
    }
    byte[] bytes = new byte[size];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    if (begun != null) {
      BatchCodec.writeAfterBytes(out, begun);
    }
    for (Frame frame : frames.subList(next, end)) {
      BatchCodec.write(out, frame);
    }
    if (large != null) {
      BatchCodec.writeBeforeBytes(out, large);
      end++;
    }
    out.checkNoSpaceLeft();
    begun = large;
    valueIsNext = large != null;
    next = end;
    return OwnedBytes.view(bytes);
  }

  private static boolean isLarge(Frame frame) {
    return frame.bytes().length() >= LARGE;
  }
}
