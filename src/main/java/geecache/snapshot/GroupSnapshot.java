package geecache.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.Group;
import geecache.LocalGroup;
import geecache.Ticker;
import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of one group: its keys are loaded at the start, and it is written anew from time to
 * time. What is not loaded yet stays in it, behind the keys in memory: a node that ends early, or
 * whose source is down, forgets nothing. {@link #open} and {@link #step} are for one thread, and
 * {@link #write} for one at a time; any may call the rest.
 */
final class GroupSnapshot {
  private static final Logger log = LoggerFactory.getLogger(GroupSnapshot.class);

  /** Other nodes may have the values: the node looks for them no longer than this. */
  private static final Duration LONGEST_SEARCH = Duration.ofSeconds(30);

  private static final Duration REPORT_EACH = Duration.ofSeconds(30);

  private final Group group;
  private final LocalGroup local;
  private final SnapshotOptions options;
  private final BooleanSupplier inContact;
  private final Ticker ticker;
  private final Clock clock;
  private final Path place;
  private final long opened;

  /** Null while another node has the file; read by any thread, late at worst. */
  private volatile @Nullable FileClaim claim;

  /** Whether the node has ended: its memory is of no use from then on. Written once, by any. */
  private volatile boolean over;

  /** Written by {@link #open}, before other threads know this. */
  private @Nullable Warming warming;

  /** Whether all keys of the file have been dealt with; read by other threads, late at worst. */
  private volatile boolean warm;

  private boolean began;
  private long reported;
  private long written;
  private boolean failing;

  /**
   * Makes one that has not read its file.
   *
   * @param inContact whether this node has found all others
   */
  GroupSnapshot(
      Group group,
      LocalGroup local,
      SnapshotOptions options,
      BooleanSupplier inContact,
      Ticker ticker,
      Clock clock) {
    this.group = group;
    this.local = local;
    this.options = options;
    this.inContact = inContact;
    this.ticker = ticker;
    this.clock = clock;
    this.place = options.directory().resolve(URLEncoder.encode(group.name(), UTF_8) + ".keys");
    this.opened = ticker.nanos();
    this.reported = opened;
    this.written = opened;
  }

  /** Claims and reads the file. What goes wrong is a warning: the node begins without keys. */
  void open() {
    try {
      Files.createDirectories(options.directory());
      if (claim()) {
        read();
      } else {
        log.warn(
            "another node has {}: this one keeps the keys of group {} once that has ended. Nodes"
                + " that run at the same time need a directory each",
            place,
            group.name());
      }
    } catch (IOException | RuntimeException failure) {
      log.warn("the keys of group {} are not kept in {}: {}", group.name(), place, shown(failure));
      close(); // What cannot be read must not be replaced.
      over = true;
    }
    warm = warming == null;
  }

  private boolean claim() throws IOException {
    FileClaim now = FileClaim.of(place);
    claim = now;
    return now != null;
  }

  private void read() throws IOException {
    try {
      KeyFile file = KeyFile.read(place, group.name());
      List<String> keys = file.keys().subList(0, Math.min(options.mostKeys(), file.keys().size()));
      int atOnce = Math.max(1, local.loadsAtOnce() / 2); // The rest is for callers.
      warming = new Warming(group, local, keys, options.keysPerSecond(), atOnce, ticker);
      log.info(
          "{} keys of group {}, taken at {}, are loaded again, at most {} a second",
          keys.size(),
          group.name(),
          file.taken(),
          options.keysPerSecond());
    } catch (NoSuchFileException none) {
      log.info("no keys of group {} to load again: there is no {} yet", group.name(), place);
    } catch (KeyFile.BadFileException bad) {
      log.warn(
          "no keys of group {} are loaded again: {} is of no use, and will be replaced: {}",
          group.name(),
          place,
          ControlCharacters.escape(String.valueOf(bad.getMessage())));
    }
  }

  /** Goes on with what is due. */
  void step() {
    Warming keys = warming;
    if (keys != null && !warm) {
      warmUp(keys);
    }
    if (ticker.nanos() - written >= options.every().toNanos()) {
      write(keys());
    }
  }

  /** Counts the time to the next file from now. */
  void noteReturn() {
    written = ticker.nanos();
  }

  private void warmUp(Warming keys) {
    long now = ticker.nanos();
    began |= inContact.getAsBoolean() || now - opened >= LONGEST_SEARCH.toNanos();
    if (began) {
      keys.step();
    }
    if (keys.isOver()) {
      warm = true;
      log.info("warm after {} s: {}", Duration.ofNanos(now - opened).toSeconds(), keys.progress());
    } else if (now - reported >= REPORT_EACH.toNanos()) {
      reported = now;
      WarmingProgress progress = keys.progress();
      Throwable failure = progress.lastFailure();
      log.info(
          "{}{}", progress, failure == null ? "" : "; the last failure was: " + shown(failure));
    }
  }

  /** Returns the keys to write, those that are worth most first. */
  List<String> keys() {
    List<String> inMemory = new ArrayList<>();
    for (String key : local.hottestKeys()) {
      if (inMemory.size() < options.mostKeys() && local.peek(key) != null) {
        inMemory.add(key);
      }
    }
    return bounded(inMemory, warming == null ? List.of() : warming.left());
  }

  /** Returns both without what occurs twice, as far as they fit. */
  private List<String> bounded(List<String> first, List<String> then) {
    Set<String> keys = new LinkedHashSet<>(first);
    for (String key : then) {
      if (keys.size() < options.mostKeys()) {
        keys.add(key);
      }
    }
    return List.copyOf(keys);
  }

  /** Returns what the node has written that had the file until now. */
  private List<String> former() throws IOException {
    try {
      return KeyFile.read(place, group.name()).keys();
    } catch (NoSuchFileException | KeyFile.BadFileException none) {
      return List.of();
    }
  }

  /** Writes these keys, if this node has the file, and has not ended since they were taken. */
  void write(List<String> keys) {
    written = ticker.nanos();
    if (over) {
      return;
    }
    try {
      List<String> all = keys;
      if (claim == null) {
        if (!claim()) {
          return;
        }
        all = bounded(keys, former());
      }
      int kept = new KeyFile(clock.instant(), all).write(place, group.name());
      log.debug("{} keys of group {} are in {}", kept, group.name(), place);
      failing = false;
    } catch (IOException | RuntimeException failure) {
      if (!failing) {
        log.warn(
            "cannot write the keys of group {} to {}: {}", group.name(), place, shown(failure));
      }
      failing = true;
    }
  }

  /** Writes nothing more that is taken from now on. */
  void end() {
    over = true;
    if (warming != null) {
      warming.end();
    }
  }

  /** Gives the file up. */
  void close() {
    FileClaim held = claim;
    claim = null;
    try {
      if (held != null) {
        held.close();
      }
    } catch (IOException failure) {
      log.warn("cannot give up {}: {}", place, shown(failure));
    }
  }

  /** Returns how far the keys of the file are loaded; empty if there were none. */
  Optional<WarmingProgress> progress() {
    return Optional.ofNullable(warming).map(Warming::progress);
  }

  /** Whether at least this part of the keys, in percent, has been dealt with. */
  boolean isWarm(int percent) {
    return warm || progress().map(progress -> progress.has(percent)).orElse(true);
  }

  private static String shown(Throwable failure) {
    return ControlCharacters.escape(String.valueOf(failure));
  }
}
