package geecache.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.faults.Event.Get;
import geecache.faults.Event.Note;
import geecache.faults.Event.Removal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The callers, a process of their own: some threads for each node, which get, and some which change
 * a value at the source, remove it by some node, and look at once what each node has. Writes the
 * journal to its standard output. Each line of its standard input is noted there, with a time of
 * the same clock; {@code stop} ends the threads, and the end of the input the process.
 */
final class Callers {
  static final String STOPPED = "stopped";
  static final String KEY = "k";

  private static final int GETTERS_EACH = 3;
  private static final int REMOVERS = 3;
  private static final int KEYS = 200;
  private static final int HOT_KEYS = 10;
  private static final int COLD_KEYS = 1_000;
  private static final int COLD_REMOVED = 5;
  private static final long COLD_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);
  private static final long THINK_NANOS = TimeUnit.MILLISECONDS.toNanos(8);
  private static final long REMOVE_EACH_NANOS = TimeUnit.MILLISECONDS.toNanos(150);
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final PrintStream journal = new PrintStream(System.out, false, UTF_8);
  private final String origin;
  private final List<Target> targets;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopping;

  private Callers(String origin, List<Target> targets) {
    this.origin = origin;
    this.targets = targets;
  }

  /** Arguments: the seed, the origin's URL, the secret, and the nodes' URLs. */
  public static void main(String[] args) throws Exception {
    long seed = Long.parseLong(args[0]);
    List<Target> targets =
        Arrays.stream(args).skip(3).map(url -> new Target(url, args[2])).toList();
    Callers callers = new Callers(args[1], targets);
    callers.start(new Random(seed));
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      if (line.equals("stop")) {
        callers.stop();
      } else {
        callers.note(line);
      }
    }
    System.exit(0);
  }

  private void start(Random seeds) {
    for (int i = 0; i < targets.size(); i++) {
      int node = i;
      for (int j = 0; j < GETTERS_EACH; j++) {
        start(new Random(seeds.nextLong()), random -> keepGetting(node, random));
      }
    }
    for (int i = 0; i < REMOVERS; i++) {
      start(new Random(seeds.nextLong()), this::keepRemoving);
    }
  }

  private interface Task {
    void run(Random random) throws IOException;
  }

  private void start(Random random, Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run(random);
              } catch (Throwable fault) {
                fault.printStackTrace();
                System.exit(1); // The run is worth nothing.
              }
            });
    threads.add(thread);
    thread.start();
  }

  private void stop() throws InterruptedException {
    stopping = true;
    for (Thread thread : threads) {
      thread.join();
    }
    write(STOPPED);
  }

  private void note(String text) {
    String[] words = text.split(" ");
    if (words[0].equals("up") || words[0].equals("down")) {
      targets.get(Integer.parseInt(words[1])).up(words[0].equals("up"));
    }
    write(new Note(System.nanoTime(), text).toString());
  }

  private void write(String line) {
    synchronized (journal) {
      journal.print(line + "\n");
      journal.flush();
    }
  }

  private void keepGetting(int node, Random random) {
    try (Caller caller = new Caller(targets.get(node))) {
      while (!stopping) {
        if (targets.get(node).isUp()) {
          get(node, caller, key(random));
          LockSupport.parkNanos(THINK_NANOS);
        } else {
          LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
      }
    }
  }

  private void get(int node, Caller caller, String key) {
    long begin = System.nanoTime();
    String answer = caller.get(key);
    write(Get.of(node, key, begin, System.nanoTime(), answer).toString());
  }

  private record Left(String key, long since) {}

  private void keepRemoving(Random random) throws IOException {
    List<Caller> callers = targets.stream().map(Caller::new).toList();
    ArrayDeque<Left> left = new ArrayDeque<>();
    while (!stopping) {
      long next = System.nanoTime() + REMOVE_EACH_NANOS;
      String key = key(random);
      if (remove(callers, key, random)) {
        int first = random.nextInt(targets.size());
        for (int i = 0; i < targets.size(); i++) {
          look(callers, (first + i) % targets.size(), key);
        }
      }
      for (int i = 0; i < COLD_REMOVED; i++) {
        String cold = coldKey(random);
        remove(callers, cold, random);
        left.add(new Left(cold, System.nanoTime()));
      }
      while (!left.isEmpty() && System.nanoTime() - left.peek().since() > COLD_NANOS) {
        look(callers, random.nextInt(targets.size()), left.remove().key());
      }
      LockSupport.parkNanos(next - System.nanoTime());
    }
    callers.forEach(Caller::close);
  }

  private boolean remove(List<Caller> callers, String key, Random random) throws IOException {
    int node = random.nextInt(targets.size());
    boolean up = targets.get(node).isUp();
    if (up) {
      remove(node, callers.get(node), key);
    }
    return up;
  }

  private void look(List<Caller> callers, int node, String key) {
    if (targets.get(node).isUp()) {
      get(node, callers.get(node), key);
    }
  }

  private void remove(int node, Caller caller, String key) throws IOException {
    long changing = System.nanoTime();
    long version = caller.change(origin + "/value/" + key);
    long begin = System.nanoTime();
    var missed = caller.remove(key);
    write(new Removal(node, key, version, changing, begin, System.nanoTime(), missed).toString());
  }

  /** Half of the gets are of a few keys, which so become worth a copy. */
  private static String key(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> coldKey(random);
      case 1 -> KEY + random.nextInt(KEYS);
      default -> KEY + random.nextInt(HOT_KEYS);
    };
  }

  /**
   * One that is not asked for again at once: what was handed over after its removal is not hidden
   * by a load.
   */
  private static String coldKey(Random random) {
    return KEY + (KEYS + random.nextInt(COLD_KEYS));
  }
}
