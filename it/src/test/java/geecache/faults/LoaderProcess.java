package geecache.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** A process with a {@link LoaderNode}, and what it has written. For use by one thread. */
final class LoaderProcess implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Child child;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final List<Answer> answers = new CopyOnWriteArrayList<>();
  private final List<State> states = new CopyOnWriteArrayList<>();
  private final AtomicInteger loads = new AtomicInteger();

  /**
   * What a caller was given.
   *
   * @param millis from its call
   * @param text {@code key:version by URL}, or a failure
   */
  record Answer(String batch, long millis, String text) {}

  /**
   * What a node says of itself.
   *
   * @param inContact how many nodes it is in contact with
   * @param waiting how many gets wait
   * @param entries how many values it holds
   * @param refused how many results of its callers' loaders were refused
   */
  record State(int inContact, int waiting, int entries, int refused) {}

  LoaderProcess(Path log) throws IOException {
    child = new Child(LoaderNode.class, List.of(), log, this::read);
  }

  private void read(String line) {
    String[] words = line.split(" ", 4);
    switch (words[0]) {
      case "answer" -> answers.add(new Answer(words[1], Long.parseLong(words[2]), words[3]));
      case "loads" -> loads.incrementAndGet();
      case "state" -> {
        int[] all = List.of(line.split(" ")).stream().skip(1).mapToInt(Integer::parseInt).toArray();
        states.add(new State(all[0], all[1], all[2], all[3]));
      }
      default -> lines.add(line);
    }
  }

  /** Returns its URL. */
  String url() {
    await("the URL of a node", () -> !lines.isEmpty());
    return lines.get(0);
  }

  void tell(String... words) throws IOException {
    child.tell(String.join(" ", words));
  }

  State state() {
    int before = states.size();
    try {
      tell(LoaderNode.TELL);
    } catch (IOException gone) {
      throw new IllegalStateException("a node has ended", gone);
    }
    await("a node's word of itself", () -> states.size() > before);
    return states.get(before);
  }

  /** Has callers get {@code key}. */
  void ask(String batch, String key, int callers) throws IOException {
    tell(LoaderNode.ASK, batch, key, String.valueOf(callers));
  }

  /** Returns when {@code key} was removed on all nodes. */
  void remove(String key) throws IOException {
    tell(LoaderNode.REMOVE, key);
    await("the removal of " + key, () -> lines.contains("removed " + key));
  }

  /** Returns how many loads its callers have begun. */
  int loads() {
    return loads.get();
  }

  List<Answer> answers() {
    return List.copyOf(answers);
  }

  void kill() {
    child.close();
  }

  void signal(String name) throws IOException, InterruptedException {
    child.signal(name);
  }

  private interface Condition {
    boolean holds();
  }

  private void await(String what, Condition condition) {
    Awaitility.await(what)
        .atMost(LIMIT)
        .until(
            () -> {
              if (!child.isAlive()) {
                throw new IllegalStateException("a node has ended");
              }
              return condition.holds();
            });
  }

  @Override
  public void close() {
    child.close();
  }
}
