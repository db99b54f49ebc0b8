package geecache.http;

import com.google.protobuf.CodedOutputStream;
import geecache.ByteView;
import geecache.CacheException;
import geecache.CachedValue;
import geecache.ClosedException;
import geecache.KeyNotFoundException;
import geecache.LeaseGiven;
import geecache.LoadTimeoutException;
import geecache.LocalGroup;
import geecache.OverloadedException;
import geecache.OwnedBytes;
import geecache.cluster.KeyRead;
import geecache.cluster.PeerCounters;
import geecache.cluster.VersionVector;
import geecache.http.BatchCodec.BatchRead;
import geecache.http.BatchCodec.Frame;
import geecache.http.BatchCodec.Kind;
import geecache.http.Reply.Status;
import geecache.internal.FairPlaces;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request for many keys. Keys in memory come first. The answer then stays open for
 * keys that are loading: each follows when it is ready, with a sign of life after each pause. The
 * number of open answers is bounded, and no group takes all of them. Beyond the bound, keys that
 * are loading are answered as "pending", and the peer asks again.
 *
 * <p>A get that no answer waits for any more is given up: if the asking node goes away, or is told
 * to ask again and does not within a second, and cannot prove that it is a node.
 */
final class BatchAnswer {
  private static final long KEEP_ALIVE_MILLIS = 250;

  /** Beyond this many bytes, values in memory are sent like the rest, one after the other. */
  private static final int LONGEST_HEAD = 1 << 20;

  /**
   * Beyond this many bytes, the head is not copied into one body. So many fit into the buffers of
   * containers.
   */
  private static final int LONGEST_COPY = 8 << 10;

  private static final ByteView NO_BYTES = ByteView.of("");

  /** Answers the keys of one request. */
  interface Source {
    /** As {@link LocalGroup#beginBurst}. */
    LocalGroup.Burst beginBurst();

    /** Begins to answer a key; null in the future means "not in memory". */
    CompletableFuture<@Nullable CachedValue> get(KeyRead read);

    /** Returns how often callers of other nodes asked for a key in a minute; 0 if rarely. */
    int rate(KeyRead read);

    /**
     * Notes that the answer is not waited for: the sender is told to ask again.
     *
     * @return whether the load waits for a place
     */
    boolean putOff(KeyRead read, CompletableFuture<@Nullable CachedValue> answer);
  }

  private final FairPlaces openAnswers;
  private final String group;
  private final PeerCounters counters;
  private final Executor executor;

  /**
   * Answers one request.
   *
   * @param openAnswers has a place for each answer that may stay open
   * @param group the name of the group of all keys
   */
  BatchAnswer(FairPlaces openAnswers, String group, PeerCounters counters, Executor executor) {
    this.openAnswers = openAnswers;
    this.group = group;
    this.counters = counters;
    this.executor = executor;
  }

  /**
   * Answers {@code asked}.
   *
   * @param known the changes that this node knew before it reads values from memory; null if the
   *     asking node does not want to know
   */
  Reply reply(BatchRead asked, @Nullable VersionVector known, Source source) {
    List<Frame> head = new ArrayList<>(asked.keys().size() + 1);
    IntUnaryOperator rates = index -> source.rate(asked.keys().get(index));
    int valueBytes = 0;
    Map<KeyRead, CompletableFuture<@Nullable CachedValue>> answers = new HashMap<>();
    Map<Integer, CompletableFuture<@Nullable CachedValue>> open = new LinkedHashMap<>();
    LocalGroup.Burst burst = source.beginBurst();
    try {
      for (int i = 0; i < asked.keys().size(); i++) {
        CompletableFuture<@Nullable CachedValue> answer =
            answers.computeIfAbsent(asked.keys().get(i), read -> get(read, source));
        if (answer.isDone() && valueBytes < LONGEST_HEAD) {
          Frame frame = frame(i, asked.keys().get(i).canLoad(), answer, rates);
          valueBytes += frame.bytes().length();
          head.add(frame);
        } else {
          open.put(i, answer);
        }
      }
    } finally {
      burst.end();
    }
    if (!open.isEmpty() && asked.mayWait() && openAnswers.tryTake(group)) {
      return openReply(asked, head, open, rates, known);
    }
    if (!open.isEmpty()) {
      counters.countPending();
      Map<KeyRead, Boolean> queued = putOff(asked, open, source);
      for (int i : open.keySet()) {
        head.add(Frame.pending(i, queued.get(asked.keys().get(i))));
      }
    }
    addKnown(head, known);
    int size = sizeOf(head);
    return size > LONGEST_COPY
        ? reply(NO_BYTES, new LargeHead(head, size))
        : reply(body(head, size), null);
  }

  /** Returns an answer that stays open. Whatever fails here, its place is given back. */
  private Reply openReply(
      BatchRead asked,
      List<Frame> head,
      Map<Integer, CompletableFuture<@Nullable CachedValue>> open,
      IntUnaryOperator rates,
      @Nullable VersionVector known) {
    boolean made = false;
    try {
      head.add(Frame.of(0, Kind.REST_PENDING));
      addKnown(head, known);
      int size = sizeOf(head);
      Reply reply =
          size > LONGEST_COPY
              ? reply(NO_BYTES, new PendingRest(asked, open, rates, head))
              : reply(body(head, size), new PendingRest(asked, open, rates, List.of()));
      made = true;
      return reply;
    } finally {
      if (!made) {
        abandon(open);
      }
    }
  }

  private static void addKnown(List<Frame> head, @Nullable VersionVector known) {
    if (known != null && !head.isEmpty()) {
      head.set(0, head.get(0).knowing(known));
    }
  }

  private static Reply reply(ByteView body, Reply.@Nullable Rest rest) {
    return new Reply(
        200,
        Map.of("Content-Type", BatchCodec.CONTENT_TYPE, Reply.STATUS_HEADER, Status.OK.token()),
        body,
        rest);
  }

  private void abandon(Map<Integer, CompletableFuture<@Nullable CachedValue>> open) {
    openAnswers.giveBack(group);
    open.values().forEach(answer -> answer.cancel(false)); // Those that are done stay so.
  }

  /** The sum is far from an overflow: the head has few values beyond {@link #LONGEST_HEAD}. */
  private static int sizeOf(List<Frame> frames) {
    int size = 0;
    for (Frame frame : frames) {
      size += BatchCodec.size(frame);
    }
    return size;
  }

  private static void write(List<Frame> frames, OutputStream body) throws IOException {
    CodedOutputStream out = CodedOutputStream.newInstance(body);
    for (Frame frame : frames) {
      BatchCodec.write(out, frame);
    }
    out.flush();
  }

  /** Values that are written from where they lie: many requests for one large value copy none. */
  private record LargeHead(List<Frame> frames, int size) implements Reply.Whole {
    @Override
    public long length() {
      return size;
    }

    @Override
    public Iterator<ByteView> parts() {
      return new FrameParts(frames);
    }

    @Override
    public ByteView inOne() {
      return body(frames, size);
    }

    @Override
    public List<ByteView> values() {
      return frames.stream().map(Frame::bytes).toList();
    }
  }

  private static ByteView body(List<Frame> frames, int size) {
    byte[] bytes = new byte[size];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      for (Frame frame : frames) {
        BatchCodec.write(out, frame);
      }
      out.checkNoSpaceLeft();
    } catch (IOException impossible) { // Nothing but memory is written to.
      throw new UncheckedIOException(impossible);
    }
    return OwnedBytes.view(bytes);
  }

  private static CompletableFuture<@Nullable CachedValue> get(KeyRead read, Source source) {
    try {
      return source.get(read);
    } catch (IllegalArgumentException badKey) {
      return CompletableFuture.failedFuture(badKey);
    }
  }

  /** Equal keys have one answer, which is put off once. Returns which loads wait for a place. */
  private static Map<KeyRead, Boolean> putOff(
      BatchRead asked, Map<Integer, CompletableFuture<@Nullable CachedValue>> open, Source source) {
    Map<KeyRead, Boolean> queued = new HashMap<>();
    open.forEach(
        (index, answer) ->
            queued.computeIfAbsent(asked.keys().get(index), read -> source.putOff(read, answer)));
    return queued;
  }

  private static Frame frame(
      int index,
      boolean canLoad,
      CompletableFuture<@Nullable CachedValue> done,
      IntUnaryOperator rates) {
    try {
      CachedValue answer = done.join();
      if (answer == null) {
        return Frame.of(index, Kind.NOT_CACHED);
      }
      Kind kind = answer.origin() == CachedValue.Origin.STALE ? Kind.STALE_VALUE : Kind.VALUE;
      PeerHeaders.Life life = PeerHeaders.Life.of(answer);
      return new Frame(
          index,
          kind,
          answer.value(),
          life == null ? -1 : life.ageMillis(),
          life == null ? -1 : Math.max(0, life.leftMillis()),
          life != null && answer.timeToLive() == null,
          false,
          answer.change(),
          null,
          rates.applyAsInt(index),
          0);
    } catch (CompletionException failure) {
      Throwable why = failure.getCause();
      if (why instanceof LeaseGiven given) {
        return Frame.leased(index, given.number());
      }
      if (canLoad && why instanceof KeyNotFoundException absent && absent.isUnfilled()) {
        return Frame.of(index, Kind.UNFILLED); // Others know no such answer.
      }
      Kind kind = kindOf(why);
      return Frame.of(
          index,
          kind,
          kind == Kind.INTERNAL_ERROR
              ? ReplyFactory.internalError(why).body()
              : ByteView.of(Reply.truncated(String.valueOf(why.getMessage()))));
    }
  }

  private static Kind kindOf(Throwable failure) {
    if (failure instanceof KeyNotFoundException) {
      return Kind.NO_SUCH_KEY;
    }
    if (failure instanceof LoadTimeoutException late) {
      return late.isStillLoading() ? Kind.PENDING : Kind.LOAD_TIMEOUT;
    }
    if (failure instanceof OverloadedException) {
      return Kind.OVERLOADED;
    }
    if (failure instanceof ClosedException) {
      return Kind.CLOSED;
    }
    if (failure instanceof CacheException) {
      return Kind.LOAD_FAILED;
    }
    return failure instanceof IllegalArgumentException ? Kind.BAD_KEY : Kind.INTERNAL_ERROR;
  }

  /** The keys that were loading when the answer began. */
  private final class PendingRest implements Reply.Later {
    private final BatchRead asked;
    private final Map<Integer, CompletableFuture<@Nullable CachedValue>> open;
    private final IntUnaryOperator rates;

    /** The keys in memory, if that is much to write. */
    private final List<Frame> largeHead;

    PendingRest(
        BatchRead asked,
        Map<Integer, CompletableFuture<@Nullable CachedValue>> open,
        IntUnaryOperator rates,
        List<Frame> largeHead) {
      this.asked = asked;
      this.open = open;
      this.rates = rates;
      this.largeHead = largeHead;
    }

    @Override
    public void start(OutputStream body, Runnable whenOver) {
      boolean begun = false;
      try {
        executor.execute(
            () -> {
              try {
                writeTo(body);
              } catch (IOException | RuntimeException gone) {
                // The asking node has left. The container may recycle the response and throw
                // anything. The loads go on.
              } finally {
                whenOver.run();
              }
            });
        begun = true;
      } catch (OutOfMemoryError noThread) {
        throw new RejectedExecutionException("no thread", noThread);
      } finally {
        if (!begun) {
          abandon();
        }
      }
    }

    @Override
    public void abandon() {
      BatchAnswer.this.abandon(open);
    }

    @Override
    public void writeTo(OutputStream body) throws IOException {
      try {
        if (!largeHead.isEmpty()) {
          BatchAnswer.write(largeHead, body);
          body.flush();
        }
        LinkedBlockingQueue<Integer> done = new LinkedBlockingQueue<>();
        open.forEach((index, answer) -> answer.whenComplete((a, failure) -> done.add(index)));
        CodedOutputStream out = CodedOutputStream.newInstance(body);
        List<Integer> ready = new ArrayList<>();
        for (int left = open.size(); left > 0; left -= ready.size()) {
          ready.clear();
          Integer first = done.poll(KEEP_ALIVE_MILLIS, TimeUnit.MILLISECONDS);
          if (first == null) {
            BatchCodec.write(out, Frame.of(0, Kind.KEEP_ALIVE));
          } else {
            ready.add(first);
            done.drainTo(ready);
            for (int index : ready) {
              BatchCodec.write(
                  out, frame(index, asked.keys().get(index).canLoad(), open.get(index), rates));
            }
          }
          out.flush();
          body.flush();
        }
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      } finally {
        abandon();
      }
    }
  }
}
