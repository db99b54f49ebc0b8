package geecache.cluster;

import geecache.CacheException;
import geecache.CachedValue;
import geecache.ClosedException;
import geecache.LocalGroup;
import geecache.PeerValue;
import geecache.SimulatedWorld;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The links between the nodes of a {@link SimulatedWorld}: messages take a while that is drawn from
 * the seed, and may be held, lost or refused on their way. An answer takes its own time back.
 */
final class SimulatedNetwork {
  private static final long LONGEST_TRIP_MICROS = 2_000;

  /** What one node says to another. */
  enum Kind {
    READ,
    MEET,
    CHANGE,
    HANDOVER
  }

  /** A message on its way, by the names of the nodes. */
  record Message(String from, String to, Kind kind) {}

  /** What becomes of messages. */
  enum Fate {
    /** They arrive. */
    PASS,
    /** Nothing is heard of them. */
    LOSE,
    /** The sender is told at once that there is nobody. */
    REFUSE
  }

  /** What happens to some messages, until it is taken back. */
  static final class Rule {
    private final Predicate<Message> about;
    private final CompletableFuture<Fate> fate;
    private int count;

    private Rule(Predicate<Message> about, CompletableFuture<Fate> fate) {
      this.about = about;
      this.fate = fate;
    }

    /** Returns how many messages it was about so far. */
    int count() {
      return count;
    }

    private boolean passes() {
      return fate.getNow(Fate.LOSE) == Fate.PASS;
    }

    /** Lets messages that are held, and all later ones, go on. */
    void release() {
      fate.complete(Fate.PASS);
    }
  }

  private final SimulatedWorld world;
  private final Map<String, SimulatedNode> nodes = new HashMap<>();
  private final List<Rule> rules = new ArrayList<>();
  private final List<String> log = new ArrayList<>();

  SimulatedNetwork(SimulatedWorld world) {
    this.world = world;
  }

  /** Returns all messages so far, each with the time at which it was sent. */
  List<String> log() {
    return log;
  }

  void connect(SimulatedNode node) {
    nodes.put(node.url(), node);
  }

  /** Lets a node be reached under another name too. */
  void alias(String url, SimulatedNode node) {
    nodes.put(url, node);
  }

  void disconnect(SimulatedNode node) {
    nodes.remove(node.url(), node);
  }

  /** Has this happen to messages from now on. */
  Rule rule(Fate fate, Predicate<Message> about) {
    return add(new Rule(about, CompletableFuture.completedFuture(fate)));
  }

  /** Holds messages back until they are released. */
  Rule hold(Predicate<Message> about) {
    return add(new Rule(about, new CompletableFuture<>()));
  }

  private Rule add(Rule rule) {
    rules.add(rule);
    return rule;
  }

  /** Takes all rules back. What is held goes on. */
  void heal() {
    rules.forEach(Rule::release);
    rules.clear();
  }

  private CompletableFuture<Fate> fate(Message message) {
    for (Rule rule : rules) {
      if (rule.about.test(message)) {
        rule.count++;
        return rule.fate;
      }
    }
    return CompletableFuture.completedFuture(Fate.PASS);
  }

  private Duration trip() {
    return Duration.ofNanos(1_000L * (1 + world.random().nextLong(LONGEST_TRIP_MICROS)));
  }

  /** Serves a request at the receiver. */
  private interface Service<T> {
    T serve(SimulatedNode receiver) throws IOException, RefusedException;
  }

  /** Returns the ways from one node to others. */
  NodeLinks linksOf(SimulatedNode sender) {
    return new NodeLinks() {
      @Override
      public NodeLink node(String url) {
        return new Link(sender, url);
      }

      @Override
      public GoNodeLink goNode(String url) {
        throw new UnsupportedOperationException("there are no Go nodes here");
      }
    };
  }

  private final class Link implements NodeLink {
    private final SimulatedNode sender;
    private final String to;

    Link(SimulatedNode sender, String to) {
      this.sender = sender;
      this.to = to;
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
    public Met meet(Meeting meeting, Duration limit) throws IOException {
      Sender as = sender.nextRequest();
      return ask(
          Kind.MEET,
          limit,
          receiver -> new Met(receiver.id(), receiver.incoming().meet(meeting, as)));
    }

    @Override
    public Acknowledgement change(String group, Change change, Duration limit) throws IOException {
      return ask(
          Kind.CHANGE,
          limit,
          receiver -> {
            IncomingRequests incoming = receiver.incoming();
            return incoming.change(receiver.find(group), change, incoming.members());
          });
    }

    @Override
    public HandoverResult handOver(String group, List<HandedEntry> entries, Duration limit)
        throws IOException {
      Sender as = sender.nextRequest();
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

    /** Asks, and waits for the answer as long as the node may be silent. */
    private <T> T ask(Kind kind, Duration limit, Service<T> service) throws IOException {
      CompletableFuture<T> answer = new CompletableFuture<>();
      send(
          kind,
          answer::completeExceptionally,
          receiver -> {
            try {
              T served = service.serve(receiver);
              world.after(trip(), () -> answer.complete(served));
            } catch (IOException failure) {
              world.after(trip(), () -> answer.completeExceptionally(failure));
            } catch (RefusedException refused) {
              LinkFailure failure = LinkFailure.refused("it refused: " + refused.getMessage());
              world.after(trip(), () -> answer.completeExceptionally(failure));
            }
          });
      Duration silence = sender.timeout();
      return result(answer, limit.compareTo(silence) < 0 ? limit : silence);
    }

    private void send(Kind kind, Consumer<Throwable> failed, Consumer<SimulatedNode> arrived) {
      Message message = new Message(sender.url(), to, kind);
      log.add(world.ticker().nanos() + " " + message);
      fate(message)
          .thenAccept(
              fate -> {
                if (fate == Fate.REFUSE) {
                  failed.accept(LinkFailure.silent(to + " does not answer: refused", null));
                } else if (fate == Fate.PASS) {
                  world.after(trip(), () -> arrive(failed, arrived));
                }
              });
    }

    private void arrive(Consumer<Throwable> failed, Consumer<SimulatedNode> arrived) {
      SimulatedNode receiver = nodes.get(to);
      if (receiver == null) {
        failed.accept(LinkFailure.silent(to + " does not answer: nobody listens", null));
      } else {
        world.start(() -> arrived.accept(receiver));
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
      Stream stream = new Stream();
      Message request = new Message(sender.url(), to, Kind.READ);
      send(Kind.READ, stream::fail, receiver -> serve(receiver, batch, stream));
      long end = world.ticker().nanos() + batch.limit().toNanos();
      for (int open = batch.keys().size(); open > 0; ) {
        open -= stream.next(request, sender.timeout(), end).give(answers);
      }
      return true;
    }

    private void serve(SimulatedNode receiver, Batch batch, Stream stream) {
      LocalGroup group = receiver.find(batch.group().name());
      stream.answering = receiver;
      stream.send(
          answers -> {
            answers.begin(receiver.id());
            if (group == null) {
              throw LinkFailure.refused(to + " refused: no such group");
            }
            return 0;
          });
      if (group == null) {
        return;
      }
      List<CompletableFuture<@Nullable CachedValue>> all = new ArrayList<>();
      for (KeyRead key : batch.keys()) {
        all.add(receiver.incoming().read(group, key));
      }
      List<Integer> open = new ArrayList<>();
      for (int i = 0; i < all.size(); i++) {
        if (all.get(i).isDone()) {
          stream.send(outcome(i, all.get(i)));
        } else {
          open.add(i);
        }
      }
      if (!open.isEmpty() && oneByOne()) {
        answerOrPend(all.get(0), stream);
      } else if (!open.isEmpty()) {
        sendLater(open, all, batch.mayStayOpen(), stream);
      }
    }

    /** As a {@code GET} does, whose answer is held back for half the time of silence. */
    private void answerOrPend(CompletableFuture<@Nullable CachedValue> one, Stream stream) {
      boolean[] answered = {false};
      one.whenComplete(
          (value, failure) -> {
            if (!answered[0]) {
              answered[0] = true;
              stream.send(outcome(0, one));
            }
          });
      world.after(
          sender.timeout().dividedBy(2),
          () -> {
            if (!answered[0]) {
              answered[0] = true;
              stream.send(pending(0, 0));
            }
          });
    }

    private void sendLater(
        List<Integer> open,
        List<CompletableFuture<@Nullable CachedValue>> all,
        boolean mayStayOpen,
        Stream stream) {
      if (mayStayOpen) {
        stream.send(
            answers -> {
              answers.restComesLater();
              return 0;
            });
      }
      for (int index : open) {
        CompletableFuture<@Nullable CachedValue> one = all.get(index);
        if (mayStayOpen) {
          one.whenComplete((value, failure) -> stream.send(outcome(index, one)));
        } else {
          stream.send(pending(index, 250));
        }
      }
    }

    private Frame pending(int index, long afterMillis) {
      return answers -> {
        answers.pending(index, afterMillis);
        return 1;
      };
    }

    private Frame outcome(int index, CompletableFuture<@Nullable CachedValue> done) {
      try {
        CachedValue value = done.join();
        return answers -> {
          if (value == null) {
            answers.notCached(index);
          } else {
            answers.value(index, peerValue(value));
          }
          return 1;
        };
      } catch (CompletionException failure) {
        Throwable cause = failure.getCause();
        return answers -> {
          if (cause instanceof CacheException known && !(cause instanceof ClosedException)) {
            answers.failure(index, known);
          } else {
            answers.refused(index, LinkFailure.refused(to + " refused: " + cause));
          }
          return 1;
        };
      }
    }

    private static PeerValue peerValue(CachedValue value) {
      return new PeerValue(
          value.value(),
          value.age(),
          value.timeToLive(),
          value.origin() == CachedValue.Origin.STALE,
          null);
    }
  }

  /** A part of an answer. */
  private interface Frame {
    /** Gives the part to the asking node, and returns how many keys it answers. */
    int give(ReadLink.Answers answers) throws LinkFailure;
  }

  /** An answer whose parts come one after the other. */
  private final class Stream {
    private final Deque<Frame> arrived = new ArrayDeque<>();
    private CompletableFuture<Void> signal = new CompletableFuture<>();
    private @Nullable SimulatedNode answering;
    private @Nullable Throwable failure;
    private long last;

    void send(Frame frame) {
      long now = world.ticker().nanos();
      last = Math.max(last, now + trip().toNanos());
      world.after(
          Duration.ofNanos(last - now),
          () -> {
            arrived.add(frame);
            signal.complete(null);
          });
    }

    void fail(Throwable why) {
      failure = why;
      signal.complete(null);
    }

    /** Whether the answering node still gives signs of life. */
    boolean isAlive(Message request) {
      return answering != null
          && nodes.get(request.to()) == answering
          && rules.stream().noneMatch(rule -> rule.about.test(request) && !rule.passes());
    }

    /** Waits for the next part. */
    Frame next(Message request, Duration silence, long end) throws IOException {
      while (true) {
        long left = end - world.ticker().nanos();
        signal = new CompletableFuture<>(); // Before the look: another thread may run in between.
        if (!arrived.isEmpty() || failure != null) {
          break;
        }
        if (!isDone(signal, Math.min(left, silence.toNanos()))
            && (left <= silence.toNanos() || !isAlive(request))) {
          throw LinkFailure.silent(request.to() + " does not answer: timed out", null);
        }
      }
      if (!arrived.isEmpty()) {
        return arrived.remove();
      }
      throw failure instanceof IOException known ? known : new IOException(failure);
    }
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
