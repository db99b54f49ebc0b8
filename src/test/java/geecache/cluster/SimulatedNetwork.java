package geecache.cluster;

import geecache.SimulatedWorld;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Carries messages between the nodes of a {@link SimulatedWorld}: they take a while that is drawn
 * from the seed, and may be held, lost, refused, delayed or delivered twice. An answer takes its
 * own time back. Knows nothing of what messages say: that is {@link SimulatedLink}'s.
 */
public final class SimulatedNetwork {
  private static final long LONGEST_TRIP_MICROS = 2_000;

  /** What one node says to another. */
  public enum Kind {
    READ,
    /** A read of what is in memory, from a node that owned the keys before. */
    PEEK,
    MEET,
    CHANGE,
    LEASE,
    HANDOVER
  }

  /** A request on its way, by the names of the nodes. */
  public record Message(String from, String to, Kind kind) {
    /** Whether it asks for values. */
    boolean isRead() {
      return kind == Kind.READ || kind == Kind.PEEK;
    }
  }

  /** A request, and when it was sent, in nanoseconds. */
  public record Sent(long at, Message message) {}

  /** A meeting that the met node has carried out, by the ids of the nodes. */
  public record Meeting(long from, long to, long sentAt, long servedAt) {}

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

  /**
   * What may happen to some requests and their answers.
   *
   * @param about the requests
   * @param lostRequests how many of a hundred are lost
   * @param lostAnswers how many of a hundred answers are lost
   * @param refused whether lost requests fail at once
   * @param lateMillis the most time that a request or an answer takes in addition
   * @param repeated how many of a hundred requests arrive a second time
   * @param repeatMillis the most time until then
   */
  public record Trouble(
      Predicate<Message> about,
      int lostRequests,
      int lostAnswers,
      boolean refused,
      int lateMillis,
      int repeated,
      int repeatMillis) {}

  /** What is done with a request. */
  interface Request {
    /** Serves it, on a thread of the receiver. */
    void arrive(SimulatedNode receiver);

    /** Serves it once more; the answer is of no use. */
    void arriveAgain(SimulatedNode receiver);

    /** Tells the sender that it cannot arrive. */
    void fail(IOException why);
  }

  private final SimulatedWorld world;
  private final Map<String, SimulatedNode> nodes = new HashMap<>();
  private final Map<String, SimulatedNode> seconds = new HashMap<>();
  private final List<Rule> rules = new ArrayList<>();
  private final List<Trouble> troubles = new ArrayList<>();
  private final List<Sent> log = new ArrayList<>();
  private final List<Meeting> meetings = new ArrayList<>();
  private long turns;

  SimulatedNetwork(SimulatedWorld world) {
    this.world = world;
  }

  /** Returns all requests so far. */
  public List<Sent> log() {
    return log;
  }

  /** Returns all meetings so far. */
  public List<Meeting> meetings() {
    begun.removeIf(
        each -> {
          if (each.by.id() != each.from || !each.by.isRunning()) {
            return true;
          }
          boolean made = each.by.cluster().inContact().contains(each.with);
          if (made) {
            meetings.add(new Meeting(each.from, each.to, each.sentAt, world.now()));
          }
          return made;
        });
    return meetings;
  }

  /** When a node heard of another for the first time, by their ids. */
  private final Map<Long, Map<Long, Long>> heard = new HashMap<>();

  void noteHeard(long node, long of) {
    heard.computeIfAbsent(node, id -> new HashMap<>()).putIfAbsent(of, world.now());
  }

  /** Whether a node had heard of another before that time. */
  public boolean hasHeard(long node, long of, long before) {
    return heard.getOrDefault(node, Map.of()).getOrDefault(of, Long.MAX_VALUE) < before;
  }

  /** A meeting that makes contact when all that was missed has been told. */
  private record Begun(SimulatedNode by, String with, long from, long to, long sentAt) {}

  private final List<Begun> begun = new ArrayList<>();

  void noteMeeting(SimulatedNode by, long from, SimulatedNode to, long sentAt) {
    begun.add(new Begun(by, to.url(), from, to.id(), sentAt));
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

  /** Has a second node answer at the URL of another, each in turn. */
  public void share(SimulatedNode first, SimulatedNode second) {
    seconds.put(first.url(), second);
  }

  /** Ends what {@link #share} began. */
  public void unshare(SimulatedNode first) {
    seconds.remove(first.url());
  }

  /** Returns the node that answers the next request to a URL; null if there is none. */
  private @Nullable SimulatedNode answering(String url) {
    SimulatedNode first = nodes.get(url);
    SimulatedNode second = seconds.get(url);
    if (second == null || !second.isRunning() || ++turns % 2 == 0) {
      return first;
    }
    return second;
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

  /** Begins a trouble. */
  public void begin(Trouble trouble) {
    troubles.add(trouble);
  }

  /** Ends a trouble. */
  public void end(Trouble trouble) {
    troubles.remove(trouble);
  }

  private @Nullable Rule ruleOf(Message message) {
    for (Rule rule : rules) {
      if (rule.about.test(message)) {
        return rule;
      }
    }
    return null;
  }

  private long trip() {
    return 1_000L * (1 + world.random().nextLong(LONGEST_TRIP_MICROS));
  }

  private boolean happens(int ofHundred) {
    return ofHundred > 0 && world.random().nextInt(100) < ofHundred;
  }

  private long extra(int millis) {
    return millis == 0 ? 0 : 1_000L * world.random().nextLong(1_000L * millis);
  }

  /** Carries a request to the node that answers at its URL when it arrives. */
  void send(Message message, Request request) {
    log.add(new Sent(world.now(), message));
    world.pause();
    Rule rule = ruleOf(message);
    if (rule == null) {
      carry(message, request);
    } else {
      rule.count++;
      rule.fate.thenAccept(
          fate -> {
            if (fate == Fate.REFUSE) {
              request.fail(refused(message, "refused"));
            } else if (fate == Fate.PASS) {
              carry(message, request);
            }
          });
    }
  }

  private void carry(Message message, Request request) {
    long delay = trip();
    for (Trouble trouble : troubles) {
      if (trouble.about.test(message)) {
        if (happens(trouble.lostRequests)) {
          if (trouble.refused) {
            request.fail(refused(message, "refused"));
          }
          return;
        }
        delay += extra(trouble.lateMillis);
        if (happens(trouble.repeated)) {
          after(delay + extra(trouble.repeatMillis), () -> arrive(message, request, false));
        }
      }
    }
    after(delay, () -> arrive(message, request, true));
  }

  private void after(long nanos, Runnable action) {
    world.after(Duration.ofNanos(nanos), action);
  }

  private void arrive(Message message, Request request, boolean first) {
    SimulatedNode receiver = answering(message.to());
    if (receiver == null) {
      if (first) {
        request.fail(refused(message, "nobody listens"));
      }
    } else if (first) {
      receiver.process().start(() -> request.arrive(receiver));
    } else {
      receiver.process().start(() -> request.arriveAgain(receiver));
    }
  }

  private static IOException refused(Message message, String why) {
    return LinkFailure.silent(message.to() + " does not answer: " + why, null);
  }

  /**
   * Returns how long an answer to this request, or a part of it, is under way; -1 if it is lost.
   */
  long wayBack(Message request) {
    long delay = trip();
    for (Trouble trouble : troubles) {
      if (trouble.about.test(request)) {
        if (happens(trouble.lostAnswers)) {
          return -1;
        }
        delay += extra(trouble.lateMillis);
      }
    }
    return delay;
  }

  /** Whether signs of life come from a node that is answering a request. */
  boolean isAlive(Message request, SimulatedNode answering) {
    boolean listens =
        nodes.get(request.to()) == answering || seconds.get(request.to()) == answering;
    if (!listens || answering.process().isStopped()) {
      return false;
    }
    Rule rule = ruleOf(request);
    return (rule == null || rule.passes())
        && troubles.stream()
            .noneMatch(trouble -> trouble.lostAnswers == 100 && trouble.about.test(request));
  }
}
