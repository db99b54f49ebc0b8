package geecache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A lease that this node gave: the holder is to end {@link #load}. It has a number, by which other
 * nodes name it. It ends once; whatever a former holder says after that counts for nobody.
 */
final class FlightLease implements Lease, HeldLease {
  /** Gives leases, and takes what their holders bring. */
  interface Giver {
    /** Watches a lease that another node holds from now on. */
    void watchNode(FlightLease lease);

    /** As {@link Lease#land}; returns what the holder's own caller is given. */
    LoadOutcome land(FlightLease lease, Loaded loaded);

    /** As {@link Lease#fail}. */
    void fail(FlightLease lease, Throwable failure, long begun);

    /** As {@link Lease#giveBack}. */
    void giveBack(FlightLease lease);

    /** Ends a lease as the node says that holds it. */
    LeaseEnd.Taken end(FlightLease lease, LeaseEnd told);
  }

  private final Giver giver;
  private final Flight flight;
  private final long number;
  private final long given;

  /** When this was given, by the waiting ticker. */
  private final long since;

  private final AtomicBoolean ended = new AtomicBoolean();

  /** The node that holds this; 0 for this node. Written once, before that node is told. */
  private volatile long holder;

  /**
   * When the holder was heard of last, by the waiting ticker. A late reader ends the lease a moment
   * before it had to.
   */
  private volatile long heard;

  /** Ends this in time; {@link #end} may find the one before. */
  private final AtomicReference<@Nullable Future<?>> watch = new AtomicReference<>();

  FlightLease(Giver giver, Flight flight, long number, long given, long since) {
    this.giver = giver;
    this.flight = flight;
    this.number = number;
    this.given = given;
    this.since = since;
    this.heard = since;
  }

  @Override
  public String key() {
    return flight.key;
  }

  @Override
  public Flight load() {
    return flight;
  }

  @Override
  public long given() {
    return given;
  }

  @Override
  public long number() {
    return number;
  }

  @Override
  public long since() {
    return since;
  }

  @Override
  public long holder() {
    return holder;
  }

  @Override
  public long heard() {
    return heard;
  }

  /** Notes that {@code node} holds this, and is to say so from time to time. */
  void giveTo(long node) {
    holder = node;
    giver.watchNode(this);
  }

  @Override
  public boolean renew(long now) {
    heard = now;
    return !hasEnded();
  }

  void watchBy(Future<?> timer) {
    Future<?> before = watch.getAndSet(timer);
    if (before != null) { // Or it would keep the flight and its value.
      before.cancel(false);
    }
    if (hasEnded()) {
      timer.cancel(false);
    }
  }

  @Override
  public boolean hasEnded() {
    return ended.get();
  }

  /** Ends this; returns true to one caller, which then lands the flight or passes it on. */
  boolean end() {
    boolean first = ended.compareAndSet(false, true);
    Future<?> timer = watch.get();
    if (first && timer != null) {
      timer.cancel(false);
    }
    return first;
  }

  @Override
  public LeaseEnd.Taken end(LeaseEnd told) {
    return giver.end(this, told);
  }

  @Override
  public CompletableFuture<LoadOutcome> land(Loaded loaded) {
    return CompletableFuture.completedFuture(giver.land(this, loaded));
  }

  @Override
  public void fail(Throwable failure, long begun) {
    giver.fail(this, failure, begun);
  }

  @Override
  public void giveBack() {
    giver.giveBack(this);
  }
}
