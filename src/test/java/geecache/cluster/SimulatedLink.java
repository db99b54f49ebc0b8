package geecache.cluster;

import geecache.CacheException;
import geecache.CachedValue;
import geecache.ClosedException;
import geecache.KeyNotFoundException;
import geecache.LeaseGiven;
import geecache.LoadTimeoutException;
import geecache.LocalGroup;
import geecache.PeerValue;
import geecache.SimulatedWorld;
import geecache.cluster.SimulatedNetwork.Kind;
import geecache.cluster.SimulatedNetwork.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The way from one simulated node to another, over a {@link SimulatedNetwork}. */
final class SimulatedLink implements NodeLink {
  private final SimulatedWorld world;
  private final SimulatedNetwork network;
  private final SimulatedNode sender;
  private final Supplier<Sender> requests;
  private final String to;

  private SimulatedLink(
      SimulatedWorld world,
      SimulatedNetwork network,
      SimulatedNode sender,
      Supplier<Sender> requests,
      String to) {
    this.world = world;
    this.network = network;
    this.sender = sender;
    this.requests = requests;
    this.to = to;
  }

  /** Returns the ways from one node, as it was started now, to others. */
  static NodeLinks from(SimulatedNode sender, SimulatedWorld world, SimulatedNetwork network) {
    long id = sender.id();
    AtomicLong numbers = new AtomicLong();
    Supplier<Sender> requests = () -> new Sender(id, numbers.incrementAndGet());
    return new NodeLinks() {
      @Override
      public NodeLink node(String url) {
        return new SimulatedLink(world, network, sender, requests, url);
      }

      @Override
      public GoNodeLink goNode(String url) {
        throw new UnsupportedOperationException("there are no Go nodes here");
      }
    };
  }

  private boolean oneByOne() {
    return sender.readsOneByOne();
  }

  @Override
  public int maxKeys() {
    return oneByOne() ? 1 : 256;
  }

  @Override
  public int maxReads() {
    return oneByOne() ? 64 : 2;
  }

  @Override
  public void renewConnections() {}

  @Override
  public int maxReadsOfCallers() {
    return oneByOne() ? 0 : 2;
  }

  /** Serves a request at the receiver. */
  private interface Service<T> {
    T serve(SimulatedNode receiver) throws IOException, RefusedException;
  }

  @Override
  public Met meet(Meeting meeting, Duration limit) throws IOException {
    Sender as = requests.get();
    long sentAt = world.now();
    boolean anew = !sender.cluster().inContact().contains(to);
    Met answered =
        ask(
            Kind.MEET,
            limit,
            receiver -> {
              network.noteHeard(receiver.id(), as.node());
              Met met = new Met(receiver.id(), receiver.incoming().meet(meeting, as));
              if (anew) {
                network.noteMeeting(sender, as.node(), receiver, sentAt);
              }
              return met;
            });
    network.noteHeard(as.node(), answered.node());
    return answered;
  }

  @Override
  public ChangesResult change(Changes changes, Duration limit) throws IOException {
    return ask(
        Kind.CHANGE,
        limit,
        receiver -> {
          IncomingRequests incoming = receiver.incoming();
          return incoming.change(changes, incoming.members());
        });
  }

  @Override
  public HandoverResult handOver(String group, HandedEntries entries, Duration limit)
      throws IOException {
    Sender as = requests.get();
    return ask(
        Kind.HANDOVER,
        limit,
        receiver -> {
          LocalGroup known = receiver.find(group);
          if (known == null) {
            throw LinkFailure.refused("no such group");
          }
          receiver.incoming().requireMayHandOver(as);
          return receiver.incoming().accept(known, entries);
        });
  }

  @Override
  public LeaseAnswer leases(LeaseNews news, Duration limit) throws IOException {
    Sender as = requests.get();
    return ask(Kind.LEASE, limit, receiver -> receiver.incoming().leases(news, as));
  }

  /** Asks, and waits for the answer as long as the node may be silent. */
  private <T> T ask(Kind kind, Duration limit, Service<T> service) throws IOException {
    Message message = new Message(sender.url(), to, kind);
    Question<T> question = new Question<>(message, service);
    network.send(message, question);
    Duration silence = sender.timeout();
    return result(question.answer, limit.compareTo(silence) < 0 ? limit : silence);
  }

  /** A request with one answer. */
  private final class Question<T> implements SimulatedNetwork.Request {
    private final Message message;
    private final Service<T> service;
    final CompletableFuture<T> answer = new CompletableFuture<>();

    Question(Message message, Service<T> service) {
      this.message = message;
      this.service = service;
    }

    @Override
    public void arrive(SimulatedNode receiver) {
      Runnable told;
      try {
        T served = service.serve(receiver);
        told = () -> answer.complete(served);
      } catch (IOException failure) {
        told = () -> answer.completeExceptionally(failure);
      } catch (RefusedException refused) {
        LinkFailure failure = LinkFailure.refused("it refused: " + refused.getMessage());
        told = () -> answer.completeExceptionally(failure);
      }
      long way = network.wayBack(message);
      if (way >= 0) {
        world.after(Duration.ofNanos(way), told);
      }
    }

    @Override
    public void arriveAgain(SimulatedNode receiver) {
      try {
        service.serve(receiver);
      } catch (IOException | RefusedException unheard) {
        // The answer has nowhere to go.
      }
    }

    @Override
    public void fail(IOException why) {
      answer.completeExceptionally(why);
    }
  }

  private <T> T result(CompletableFuture<T> answer, Duration limit) throws IOException {
    if (!isDone(answer, limit.toNanos())) {
      throw LinkFailure.silent(to + " does not answer: timed out", null);
    }
    try {
      return answer.join();
    } catch (CompletionException failure) {
      if (failure.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw LinkFailure.silent(to + " does not answer: " + failure.getCause(), failure);
    }
  }

  @Override
  public boolean read(Batch batch, Answers answers) throws IOException {
    if (batch.keys().size() > maxKeys()) {
      return false;
    }
    boolean peeks = batch.keys().stream().allMatch(KeyRead::onlyIfCached);
    Message message = new Message(sender.url(), to, peeks ? Kind.PEEK : Kind.READ);
    Reading reading = new Reading(message, batch);
    network.send(message, reading);
    long end = world.ticker().nanos() + batch.limit().toNanos();
    for (int open = batch.keys().size(); open > 0; ) {
      open -= next(reading.stream, message, end).give(answers);
    }
    return true;
  }

  /** Waits for the next part of an answer. */
  private SimulatedAnswer.Part next(SimulatedAnswer stream, Message message, long end)
      throws IOException {
    long silence = sender.timeout().toNanos();
    while (true) {
      long left = end - world.ticker().nanos();
      CompletableFuture<Void> signal = stream.awaitNext(); // Before the look.
      if (stream.hasNext()) {
        return stream.next();
      }
      if (!isDone(signal, Math.min(left, silence))
          && (left <= silence || !stream.isAlive(message))) {
        throw LinkFailure.silent(to + " does not answer: timed out", null);
      }
    }
  }

  /** A request for many keys, whose answer comes in parts. */
  private final class Reading implements SimulatedNetwork.Request {
    private final Message message;
    private final Batch batch;
    final SimulatedAnswer stream;

    Reading(Message message, Batch batch) {
      this.message = message;
      this.batch = batch;
      this.stream = new SimulatedAnswer(world, network, message);
    }

    @Override
    public void fail(IOException why) {
      stream.fail(why);
    }

    @Override
    public void arriveAgain(SimulatedNode receiver) {
      serve(receiver, new SimulatedAnswer(world, network, message));
    }

    @Override
    public void arrive(SimulatedNode receiver) {
      serve(receiver, stream);
    }

    private void serve(SimulatedNode receiver, SimulatedAnswer stream) {
      LocalGroup group = receiver.find(batch.group().name());
      stream.begin(receiver);
      stream.send(
          answers -> {
            answers.begin(receiver.id());
            if (group == null) {
              throw LinkFailure.refused(to + " refused: no such group");
            }
            return 0;
          });
      if (group != null && knowsEnough(receiver, stream)) {
        answer(receiver, group, stream);
      }
    }

    private boolean knowsEnough(SimulatedNode receiver, SimulatedAnswer stream) {
      try {
        receiver.incoming().requireKnown(batch.required());
        return true;
      } catch (RefusedException behind) {
        stream.send(
            answers -> {
              throw LinkFailure.behind(to);
            });
        return false;
      }
    }

    private void answer(SimulatedNode receiver, LocalGroup group, SimulatedAnswer stream) {
      if (batch.keys().stream().anyMatch(KeyRead::onlyIfCached)) {
        VersionVector known = receiver.incoming().known(); // Before the values are read.
        stream.send(
            answers -> {
              answers.knows(known);
              return 0;
            });
      }
      List<CompletableFuture<@Nullable CachedValue>> all = new ArrayList<>();
      for (KeyRead key : batch.keys()) {
        all.add(receiver.incoming().read(group, key, sender.id()));
      }
      List<Integer> open = new ArrayList<>();
      for (int i = 0; i < all.size(); i++) {
        if (all.get(i).isDone()) {
          stream.send(outcome(batch, i, all.get(i), rate(group, i)));
        } else {
          open.add(i);
        }
      }
      if (!open.isEmpty() && oneByOne()) {
        answerOrPend(group, all.get(0), stream, () -> hold(receiver, group, 0, all.get(0)));
      } else if (!open.isEmpty()) {
        sendLater(group, open, all, stream, i -> hold(receiver, group, i, all.get(i)));
      }
    }

    private IntSupplier rate(LocalGroup group, int index) {
      return () -> group.rate(batch.keys().get(index).key());
    }

    /** As a node does that tells the sender to ask again. */
    private boolean hold(
        SimulatedNode receiver,
        LocalGroup group,
        int index,
        CompletableFuture<@Nullable CachedValue> answer) {
      return receiver.incoming().hold(group, batch.keys().get(index), sender.id(), answer);
    }

    /** As a {@code GET} does, whose answer is held back for half the time of silence. */
    private void answerOrPend(
        LocalGroup group,
        CompletableFuture<@Nullable CachedValue> one,
        SimulatedAnswer stream,
        BooleanSupplier putOff) {
      boolean[] answered = {false};
      one.whenComplete(
          (value, failure) -> {
            if (!answered[0]) {
              answered[0] = true;
              stream.send(outcome(batch, 0, one, rate(group, 0)));
            }
          });
      world.after(
          sender.timeout().dividedBy(2),
          () -> {
            if (!answered[0]) {
              answered[0] = true;
              stream.send(pending(0, 0, putOff.getAsBoolean()));
            }
          });
    }

    private void sendLater(
        LocalGroup group,
        List<Integer> open,
        List<CompletableFuture<@Nullable CachedValue>> all,
        SimulatedAnswer stream,
        IntPredicate putOff) {
      if (batch.mayStayOpen()) {
        stream.send(
            answers -> {
              answers.restComesLater();
              return 0;
            });
      }
      for (int index : open) {
        CompletableFuture<@Nullable CachedValue> one = all.get(index);
        if (batch.mayStayOpen()) {
          one.whenComplete(
              (value, failure) -> stream.send(outcome(batch, index, one, rate(group, index))));
        } else {
          stream.send(pending(index, 250, putOff.test(index)));
        }
      }
    }
  }

  private static SimulatedAnswer.Part pending(int index, long afterMillis, boolean queued) {
    return answers -> {
      answers.pending(index, afterMillis, queued);
      return 1;
    };
  }

  private SimulatedAnswer.Part outcome(
      Batch batch, int index, CompletableFuture<@Nullable CachedValue> done, IntSupplier rates) {
    try {
      CachedValue value = done.join();
      int rate = rates.getAsInt();
      return answers -> {
        if (value == null) {
          answers.notCached(index);
        } else {
          answers.value(index, peerValue(value, rate));
        }
        return 1;
      };
    } catch (CompletionException failure) {
      Throwable cause = failure.getCause();
      if (cause instanceof LoadTimeoutException late && late.isStillLoading()) {
        return pending(index, oneByOne() ? 0 : 250, false);
      }
      boolean canLoad = batch.keys().get(index).canLoad();
      return answers -> {
        if (cause instanceof LeaseGiven given) {
          answers.leased(index, given.number());
        } else if (cause instanceof KeyNotFoundException absent
            && absent.isUnfilled()
            && !canLoad) {
          answers.failure(index, new KeyNotFoundException(absent.getMessage()));
        } else if (cause instanceof CacheException known && !(cause instanceof ClosedException)) {
          answers.failure(index, known);
        } else {
          answers.refused(index, LinkFailure.refused(to + " refused: " + cause));
        }
        return 1;
      };
    }
  }

  private static PeerValue peerValue(CachedValue value, int rate) {
    return new PeerValue(
        value.value(),
        value.age(),
        value.servedFor(),
        value.timeToLive() == null,
        value.origin() == CachedValue.Origin.STALE,
        value.change(),
        rate);
  }

  /** Waits, and returns whether the future is done. */
  private boolean isDone(CompletableFuture<?> future, long nanos) throws LinkFailure {
    try {
      world.waiting().get(future, nanos);
      return true;
    } catch (TimeoutException silent) {
      return false;
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw LinkFailure.silent("interrupted", interrupt);
    } catch (ExecutionException failure) {
      return true;
    }
  }
}
