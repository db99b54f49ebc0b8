package geecache.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** All that happened, in memory and in a file. Safe for use by many threads. */
final class Journal implements AutoCloseable {
  private static final long NOTE_SECONDS = 60;

  private final BufferedWriter file;
  private final List<Event> events = new ArrayList<>();
  private final Map<String, CompletableFuture<Void>> awaited = new ConcurrentHashMap<>();
  private long gets;
  private long removals;
  private long sets;

  Journal(Path path) throws IOException {
    file = Files.newBufferedWriter(path, UTF_8);
  }

  /** Adds a line, and wakes who waits for it. */
  void add(String line) {
    String noted = line;
    synchronized (this) {
      try {
        file.write(line);
        file.write('\n');
      } catch (IOException full) {
        throw new UncheckedIOException(full);
      }
      if (!line.equals(Callers.STOPPED)) {
        Event event = Event.parse(line);
        events.add(event);
        if (event instanceof Event.Get) {
          gets++;
        } else if (event instanceof Event.Change change && change.succeeded()) {
          switch (change.kind()) {
            case REMOVAL -> removals++;
            case SET -> sets++;
            case BULK -> {}
          }
        } else if (event instanceof Event.Note note) {
          noted = note.text();
        }
      }
    }
    CompletableFuture<Void> waiting = awaited.remove(noted);
    if (waiting != null) {
      waiting.complete(null);
    }
  }

  /**
   * Returns what is complete when the note or line is there; to be called before it is asked for.
   */
  CompletableFuture<Void> await(String noted) {
    CompletableFuture<Void> waiting = new CompletableFuture<>();
    awaited.put(noted, waiting);
    return waiting.orTimeout(NOTE_SECONDS, TimeUnit.SECONDS);
  }

  synchronized long gets() {
    return gets;
  }

  /** Those that all nodes acknowledged, without those in bulk. */
  synchronized long removals() {
    return removals;
  }

  /** Those that all nodes acknowledged. */
  synchronized long sets() {
    return sets;
  }

  synchronized List<Event> events() {
    return List.copyOf(events);
  }

  @Override
  public synchronized void close() throws IOException {
    file.close();
  }
}
