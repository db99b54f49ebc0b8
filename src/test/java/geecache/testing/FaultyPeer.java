package geecache.testing;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 server at a port of 127.0.0.1 that answers as a {@link Fault} has it, alone or in
 * front of a node. What it is told holds for every request that comes after the call has returned,
 * on connections that are open already too; a request that it holds silent is let go by the call.
 * Safe for use by many threads.
 */
public final class FaultyPeer implements AutoCloseable {
  /** Who is meant by what the peer is told; the predicates are the test's. */
  private record Aim(Predicate<Head> misbehaviour, Predicate<Head> cut) {}

  private static final Predicate<Head> EVERYONE = request -> true;
  private static final Predicate<Head> NOBODY = request -> false;

  private final @Nullable InetSocketAddress target;
  private final String scheme;
  private final String path;

  /**
   * Guards all fields below, and what they hold. No predicate runs under it, and nothing is read or
   * written; connections are closed under it, and the port is opened and closed.
   */
  private final Object lock = new Object();

  private final Door door;
  private final Course course;
  private final Map<Fault, Integer> requests = new EnumMap<>(Fault.class);
  private final Map<FaultyConnection, Thread> connections = new HashMap<>();
  private final Set<FaultyConnection> held = new HashSet<>();
  private final Set<FaultyConnection> heldByCut = new HashSet<>();
  private Aim aim = new Aim(EVERYONE, NOBODY);
  private boolean away;
  private boolean closed;

  private FaultyPeer(@Nullable URI node, Fault fault, @Nullable SSLContext tls) {
    scheme = tls == null ? "http" : "https";
    door = new Door(this::admit, tls);
    target = node == null ? null : new InetSocketAddress(node.getHost(), node.getPort());
    path = node == null ? "" : node.getRawPath().replaceFirst("/$", "");
    course = new Course(fault);
  }

  /** Starts a peer behind which there is nothing. */
  public static FaultyPeer alone(Fault fault) {
    return started(new FaultyPeer(null, fault, null));
  }

  /**
   * Starts a peer that passes everything to a node until it is told otherwise.
   *
   * @param nodeUrl the node's base URL, with its port; its path becomes that of {@link #url}
   */
  public static FaultyPeer inFrontOf(String nodeUrl) {
    return inFrontOf(nodeUrl, null);
  }

  /**
   * As the other, and speaks TLS with its clients, of which it demands a certificate.
   *
   * @param tls null for no TLS
   */
  static FaultyPeer inFrontOf(String nodeUrl, @Nullable SSLContext tls) {
    return started(new FaultyPeer(URI.create(nodeUrl), Fault.PASS, tls));
  }

  private static FaultyPeer started(FaultyPeer peer) {
    synchronized (peer.lock) {
      peer.door.open(); // Also where it is shut at once, since that is how a port is found.
      peer.update(() -> {});
    }
    return peer;
  }

  /** Returns the base URL at which this peer is to be asked, without a slash at its end. */
  public String url() {
    synchronized (lock) {
      return scheme + "://127.0.0.1:" + door.port() + path;
    }
  }

  /** Treats every request like this from now on. Ends a script, and changes at random. */
  public void become(Fault fault) {
    update(() -> course.become(fault));
  }

  /**
   * Treats the next requests like this, one after the other; those after them again as {@link
   * #become} said last. Replaces a script that is not over, and ends changes at random.
   */
  public void script(Fault... faults) {
    List<Fault> copy = List.of(faults);
    update(() -> course.script(copy));
  }

  /**
   * Chooses among all faults for each request from now on, {@link Fault#PASS} included.
   *
   * @param seed the same one makes the same choices in the same order
   */
  public void changeAtRandom(long seed) {
    update(() -> course.changeAtRandom(seed));
  }

  /**
   * Misbehaves towards some from now on, and passes the requests of all others, which then do not
   * count for a script. In the beginning it is everyone.
   *
   * @param misbehavesFor runs once for each request, on any thread, even on many
   */
  public void onlyFor(Predicate<Head> misbehavesFor) {
    update(() -> aim = new Aim(misbehavesFor, aim.cut));
  }

  /**
   * Cuts some off from now on, as if the network swallowed what they send: their requests are held
   * as by {@link Fault#SILENT}, whatever the fault, until the next call of this method or {@link
   * #heal}.
   *
   * @param cut runs once for each request, on any thread, even on many
   */
  public void cutFor(Predicate<Head> cut) {
    synchronized (lock) {
      aim = new Aim(aim.misbehaviour, cut);
      cutOff(heldByCut);
    }
  }

  /** Cuts off nobody any more. */
  public void heal() {
    cutFor(NOBODY);
  }

  /** Returns how many requests have come so far; those that were refused have not. */
  public int requests() {
    synchronized (lock) {
      return requests.values().stream().mapToInt(Integer::intValue).sum();
    }
  }

  /** Returns how many of them were treated like this; those of who is cut off as silent. */
  public int requests(Fault fault) {
    synchronized (lock) {
      return requests.getOrDefault(fault, 0);
    }
  }

  /** Ends all connections, and waits for the threads to end. Closing twice does nothing. */
  @Override
  public void close() {
    List<Thread> threads = new ArrayList<>();
    synchronized (lock) {
      closed = true;
      door.close();
      threads.addAll(connections.values());
      threads.addAll(door.porters());
      cutOff(connections.keySet());
    }
    threads.forEach(Threads::join);
  }

  /** Whether the node behind is gone for the time being: then so is this peer. */
  void beAway(boolean gone) {
    update(() -> away = gone);
  }

  /** Changes what is to come, lets go what is held, and opens or shuts the door accordingly. */
  private void update(Runnable change) {
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("the peer is closed: " + url());
      }
      change.run();
      cutOff(held);
      if (away || (course.isAlways(Fault.REFUSE) && aim.misbehaviour == EVERYONE)) {
        door.shut();
        cutOff(connections.keySet());
      } else {
        door.open();
      }
    }
  }

  /** Their threads take them out of the sets when they notice. */
  private static void cutOff(Collection<FaultyConnection> which) {
    which.forEach(FaultyConnection::cutOff);
  }

  private void admit(Socket client) {
    synchronized (lock) {
      try {
        FaultyConnection connection =
            new FaultyConnection(this, client, target == null ? null : new Target(target));
        if (door.isOpen()) {
          connections.put(connection, Threads.start("peer-" + door.port(), connection));
        } else {
          connection.cutOff();
        }
      } catch (IOException gone) {
        // The client has left already.
      }
    }
  }

  /** Decides on a request of a connection, and counts it. */
  Fault judge(Head request, FaultyConnection connection) {
    while (true) {
      Aim seen = aim();
      boolean cut = seen.cut.test(request);
      boolean meant = seen.misbehaviour.test(request);
      synchronized (lock) {
        if (seen == aim) { // Else it might be held by a cut that is healed.
          Fault fault = cut ? Fault.SILENT : meant ? course.next() : Fault.PASS;
          requests.merge(fault, 1, Integer::sum);
          if (cut) {
            heldByCut.add(connection);
          } else if (fault == Fault.SILENT || fault == Fault.TRICKLE) {
            held.add(connection);
          }
          return fault;
        }
      }
    }
  }

  private Aim aim() {
    synchronized (lock) {
      return aim;
    }
  }

  /** Forgets a connection; its thread has nothing more to do. */
  void ended(FaultyConnection connection) {
    synchronized (lock) {
      connections.remove(connection);
      held.remove(connection);
      heldByCut.remove(connection);
    }
  }
}
