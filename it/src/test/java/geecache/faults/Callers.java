package geecache.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.faults.Event.Kind;
import geecache.faults.Event.Note;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * The callers, a process of their own: some threads for each node, which get, and some which change
 * a value at the source, remove or set it by some node, and look at once what each node has. On
 * command others remove many keys at once, or crowd around one key. Writes the journal to its
 * standard output. Each line of its standard input is noted there, with a time of the same clock;
 * {@code stop} ends the threads, and the end of the input the process.
 */
final class Callers {
  static final String STOPPED = "stopped";
  static final String KEY = "k";

  /** A note that has many keys removed by the node that follows. */
  static final String BULK = "bulk ";

  static final String BULK_OVER = "bulk over";

  /**
   * A note that has a key changed much: the key, the node that sets it, and the owner, by which it
   * is not changed.
   */
  static final String CROWD = "crowd ";

  static final String CROWD_ENDS = "crowd ends";
  static final String CROWD_OVER = "crowd over";

  /** A note that this process stood still from its time on: the milliseconds follow. */
  static final String STOOD = "stood ";

  private static final long BEAT_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final int GETTERS_EACH = 3;
  private static final int CHANGERS = 3;
  private static final int KEYS = 200;
  private static final int HOT_KEYS = 10;
  private static final int COLD_KEYS = 1_000;
  private static final int COLD_CHANGED = 5;

  /** Of the cold keys. */
  private static final int IN_BULK = 200;

  private static final long COLD_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);
  private static final long THINK_NANOS = TimeUnit.MILLISECONDS.toNanos(8);
  private static final long CHANGE_EACH_NANOS = TimeUnit.MILLISECONDS.toNanos(150);
  private static final long CROWD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final PrintStream journal = new PrintStream(System.out, false, UTF_8);
  private final String origin;
  private final List<Target> targets;
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private volatile boolean stopping;

  /** Whether the crowd is to end. */
  private volatile boolean crowdEnds;

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
    Random seeds = new Random(seed);
    callers.start(seeds);
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      if (line.equals("stop")) {
        callers.stop();
      } else {
        callers.note(line);
        callers.obey(line, new Random(seeds.nextLong()));
      }
    }
    System.exit(0);
  }

  private void start(Random seeds) {
    Thread heart = new Thread(this::noteStandstills, "standstills");
    heart.setDaemon(true);
    heart.start();
    for (int i = 0; i < targets.size(); i++) {
      int node = i;
      for (int j = 0; j < GETTERS_EACH; j++) {
        start(new Random(seeds.nextLong()), random -> keepGetting(node, random));
      }
    }
    for (int i = 0; i < CHANGERS; i++) {
      start(new Random(seeds.nextLong()), this::keepChanging);
    }
  }

  private interface Task {
    void run(Random random) throws IOException;
  }

  private Thread start(Random random, Task task) {
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
    return thread;
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

  /**
   * Wakes again and again, and notes when it woke late: then callers may have seen answers late.
   */
  private void noteStandstills() {
    while (true) {
      long due = System.nanoTime() + BEAT_NANOS;
      for (long left = BEAT_NANOS; left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      long late = System.nanoTime() - due;
      if (late > BEAT_NANOS) {
        write(new Note(due, STOOD + TimeUnit.NANOSECONDS.toMillis(late)).toString());
      }
    }
  }

  private void write(String line) {
    synchronized (journal) {
      journal.print(line + "\n");
      journal.flush();
    }
  }

  private Client client() {
    return new Client(origin, targets, event -> write(event.toString()));
  }

  private void keepGetting(int node, Random random) {
    try (Client client = client()) {
      while (!stopping) {
        if (targets.get(node).isUp()) {
          client.look(node, key(random));
          LockSupport.parkNanos(THINK_NANOS);
        } else {
          LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
      }
    }
  }

  private record Left(String key, long since) {}

  private void keepChanging(Random random) throws IOException {
    ArrayDeque<Left> left = new ArrayDeque<>();
    try (Client client = client()) {
      while (!stopping) {
        long next = System.nanoTime() + CHANGE_EACH_NANOS;
        String key = key(random);
        if (client.change(node(random), key, kind(random))) {
          int first = node(random);
          for (int i = 0; i < targets.size(); i++) {
            client.look((first + i) % targets.size(), key);
          }
        }
        for (int i = 0; i < COLD_CHANGED; i++) {
          String cold = coldKey(random);
          client.change(node(random), cold, kind(random));
          left.add(new Left(cold, System.nanoTime()));
        }
        while (!left.isEmpty() && System.nanoTime() - left.peek().since() > COLD_NANOS) {
          client.look(node(random), left.remove().key());
        }
        LockSupport.parkNanos(next - System.nanoTime());
      }
    }
  }

  private void obey(String note, Random random) {
    String[] words = note.split(" ");
    if (note.equals(CROWD_ENDS)) {
      crowdEnds = true;
    } else if (note.startsWith(BULK)) {
      start(random, r -> removeInBulk(Integer.parseInt(words[1]), r));
    } else if (note.startsWith(CROWD)) {
      crowdEnds = false;
      start(
          random, r -> crowd(words[1], Integer.parseInt(words[2]), Integer.parseInt(words[3]), r));
    }
  }

  private void removeInBulk(int remover, Random random) throws IOException {
    Set<String> keys = new LinkedHashSet<>();
    while (keys.size() < IN_BULK) {
      keys.add(coldKey(random));
    }
    try (Client client = client()) {
      client.removeInBulk(remover, keys);
      note(BULK_OVER);
      LockSupport.parkNanos(COLD_NANOS);
      keys.forEach(key -> client.look(node(random), key));
    }
  }

  /** Changes a key through all nodes but its owner, and ends with a change. */
  private void crowd(String key, int setter, int owner, Random random) throws IOException {
    List<Integer> others =
        IntStream.range(0, targets.size())
            .filter(node -> node != setter && node != owner)
            .boxed()
            .toList();
    Thread setting = start(random, unused -> keepSetting(key, setter));
    try (Client client = client()) {
      boolean more = true;
      while (more) {
        more = setting.isAlive(); // One more after the last set.
        client.change(others.get(random.nextInt(others.size())), key, kind(random));
        others.forEach(node -> client.look(node, key));
        LockSupport.parkNanos(CROWD_NANOS);
      }
    }
    note(CROWD_OVER);
  }

  private void keepSetting(String key, int setter) throws IOException {
    try (Client client = client()) {
      while (!crowdEnds && !stopping) {
        client.change(setter, key, Kind.SET);
        LockSupport.parkNanos(CROWD_NANOS);
      }
    }
  }

  private int node(Random random) {
    return random.nextInt(targets.size());
  }

  private static Kind kind(Random random) {
    return random.nextInt(5) < 2 ? Kind.SET : Kind.REMOVAL;
  }

  /** Returns those keys that are asked for often, the hottest first. */
  static List<String> keys() {
    return IntStream.range(0, KEYS).mapToObj(i -> KEY + i).toList();
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
