package geecache.simulation;

import geecache.ByteView;
import geecache.CacheException;
import geecache.Group;
import geecache.Loader;
import geecache.SimulatedWorld;
import geecache.Value;
import geecache.simulation.Operation.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a caller gives to a get: it loads the key as the kind of the operation says. */
final class CallerLoader implements Loader<Exception> {
  private static final int LONGEST_TRANSACTION_MILLIS = 2_000;

  /** A holder that says nothing for two seconds loses its lease; one that loads for longer not. */
  private static final int LONGEST_SLOW_MILLIS = 2_800;

  private final Simulation simulation;
  private final SimulatedWorld world;
  private final Incarnation at;
  private final Kind kind;
  private @Nullable Transaction transaction;
  private @Nullable Load load;
  private long asked;
  private @Nullable Throwable thrown;

  CallerLoader(Simulation simulation, Incarnation at, Kind kind) {
    this.simulation = simulation;
    this.world = simulation.world;
    this.at = at;
    this.kind = kind;
  }

  /** Thrown by the loader of a caller that is broken. */
  private static final class BrokenCaller extends Error {
    private static final long serialVersionUID = 1;

    BrokenCaller() {
      super("the caller is broken", null, false, false);
    }
  }

  /**
   * Gets a key, on this thread.
   *
   * @return null if this loaded the key, and failed
   */
  @Nullable ByteView get(Group group, String key) throws CacheException, InterruptedException {
    try {
      beginTransaction();
      asked = world.now();
      return group.get(key, this);
    } catch (CacheException failed) {
      throw failed;
    } catch (IOException | InterruptedException | CancellationException | BrokenCaller failed) {
      if (failed != thrown) {
        throw new AssertionError("no failure of this caller's loader", failed);
      }
      return null;
    } catch (RuntimeException failed) {
      throw failed;
    } catch (Exception impossible) {
      throw new AssertionError(impossible);
    } finally {
      Transaction.leave();
      Thread.interrupted(); // The caller that was interrupted has ended its get.
    }
  }

  private void beginTransaction() throws InterruptedException {
    if (kind == Kind.LOAD_OLD || kind == Kind.LOAD_UNSURE) {
      transaction =
          new Transaction(world.now(), simulation.source.snapshot(), kind == Kind.LOAD_UNSURE);
      transaction.enter();
      sleepMillis(world.random().nextInt(LONGEST_TRANSACTION_MILLIS));
    }
  }

  private void sleepMillis(long millis) throws InterruptedException {
    world.sleep(Duration.ofMillis(millis));
  }

  @Override
  public Value load(String name) throws Exception {
    int key = Keys.number(name);
    Source source = simulation.source;
    int version = transaction == null ? source.version(key) : transaction.versions()[key];
    load = source.begin(key, version, at);
    boolean loaded = false;
    try {
      read();
      loaded = true;
    } catch (IOException | InterruptedException | CancellationException | BrokenCaller failure) {
      thrown = failure;
      if (failure instanceof IOException && !Thread.currentThread().isInterrupted()) {
        load.fail();
      }
      throw failure;
    } finally {
      source.end(key, load, loaded && mayBeKept());
    }
    return Value.of(ByteView.of(Source.bytesByCaller(key, version, at.release)));
  }

  private void read() throws IOException, InterruptedException {
    switch (kind) {
      case LOAD_SLOWLY -> sleepMillis(200 + world.random().nextInt(LONGEST_SLOW_MILLIS - 200));
      case LOAD_HANGS -> {
        int over = 100 + world.random().nextInt(1_500);
        sleepMillis(simulation.setup.leasing().timeoutMillis() + over);
      }
      default -> simulation.source.read();
    }
    if (kind == Kind.LOAD_FAILS) {
      throw new IOException("the source is down for this caller");
    } else if (kind == Kind.LOAD_ENDS) {
      endCaller();
    }
  }

  /** As callers end: they are interrupted, which some swallow, or cancelled, or broken. */
  private void endCaller() throws IOException, InterruptedException {
    switch (world.random().nextInt(4)) {
      case 0 -> throw new InterruptedException();
      case 1 -> {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted");
      }
      case 2 -> throw new CancellationException();
      default -> throw new BrokenCaller();
    }
  }

  /** Whether the value is for others too: it was read just now, and in time. */
  private boolean mayBeKept() {
    long took = world.now() - load.begin;
    int inTime = simulation.setup.leasing().timeoutMillis() - LATE_BEGIN_MILLIS;
    return transaction == null && took < TimeUnit.MILLISECONDS.toNanos(inTime);
  }

  /** How long a lease may be under way to its holder: it is held for a second at most. */
  private static final int LATE_BEGIN_MILLIS = 1_200;

  /** Returns when the group was asked, in nanoseconds. */
  long asked() {
    return asked;
  }

  /** Returns the call of this; null if there was none. */
  @Nullable Load load() {
    return load;
  }
}
