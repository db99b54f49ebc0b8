package geecache.simulation;

import geecache.simulation.Operation.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Draws what callers do in a plan: much of it around the faults, in scenes about one key. */
final class OperationDraw extends Draw {
  private static final int STORM = 60;

  private final Setup setup;
  private final List<Fault> faults;
  private final int length;
  private final int callers;
  private final List<Operation> all = new ArrayList<>();

  OperationDraw(RandomGenerator random, Setup setup, List<Fault> faults, int length) {
    super(random);
    this.setup = setup;
    this.faults = faults;
    this.length = length;
    this.callers = between(4, 12);
  }

  List<Operation> draw(int count) {
    for (int node = 0; node < setup.nodes() && setup.bulkKeys() > 0; node++) {
      add(between(0, 200), Kind.GET_ALL, node, bulk(), false);
    }
    if (in(20)) {
      storm();
    }
    List<Fault> hides = faults.stream().filter(each -> each.kind() == Fault.Kind.HIDE).toList();
    List<Fault> closings =
        faults.stream().filter(each -> each.kind() == Fault.Kind.UNDEPLOY).toList();
    while (all.size() < count) {
      if (in(15)) {
        scene();
      } else if (in(8) && !hides.isEmpty()) {
        hideScene(hides.get(random.nextInt(hides.size())));
      } else if (in(5) && !closings.isEmpty() && setup.bulkKeys() > 0) {
        bulkScene(closings.get(random.nextInt(closings.size())).at() + between(-500, 1_500));
      } else {
        background();
      }
    }
    all.sort(Comparator.comparingLong(Operation::at));
    return all;
  }

  private void add(long millis, Kind kind, int node, List<Integer> keys, boolean writes) {
    long at = 1_000 * Math.max(0, millis) + random.nextInt(1_000);
    all.add(new Operation(random.nextInt(callers), at, kind, node, keys, writes));
  }

  /** Returns one of some nodes. */
  private int one(int nodes) {
    int skipped = random.nextInt(Integer.bitCount(nodes));
    return Nodes.each(nodes).skip(skipped).findFirst().orElseThrow();
  }

  private int node() {
    return random.nextInt(setup.nodes());
  }

  private int key() {
    return setup.memoryKeys() > 0 && in(35)
        ? setup.hotKeys() + setup.bulkKeys() + random.nextInt(setup.memoryKeys())
        : random.nextInt(setup.hotKeys());
  }

  private List<Integer> bulk() {
    return IntStream.range(setup.hotKeys(), setup.hotKeys() + setup.bulkKeys()).boxed().toList();
  }

  /** Returns a moment: any, or one shortly before or after a fault begins or ends. */
  private int moment() {
    if (faults.isEmpty() || in(35)) {
      return random.nextInt(length);
    }
    Fault near = faults.get(random.nextInt(faults.size()));
    int edge = in(50) ? near.at() : near.end();
    return Math.max(0, edge + anyOf(between(-300, 300), between(0, 2_000), between(-20, 20)));
  }

  private void background() {
    int at = moment();
    if (in(75)) {
      get(at, node(), key());
    } else {
      change(at, node(), key());
    }
  }

  private void get(int at, int node, int key) {
    if (in(85)) {
      add(at, Kind.GET, node, List.of(key), false);
    } else {
      add(at, Kind.GET_ALL, node, some(), false);
    }
  }

  private List<Integer> some() {
    return IntStream.range(0, between(2, 6)).mapToObj(i -> key()).distinct().toList();
  }

  private void change(int at, int node, int key) {
    int kind = random.nextInt(100);
    boolean memory = setup.isMemoryKey(key);
    if (memory && kind < 60 || kind < 25) {
      add(at, Kind.SET, node, List.of(key), !memory);
    } else if (kind < 80) {
      add(at, Kind.REMOVE, node, List.of(key), !memory && in(80));
    } else if (kind < 92) {
      List<Integer> keys = in(50) && setup.bulkKeys() > 0 ? bulk() : some();
      add(at, Kind.REMOVE_ALL, node, keys, keys.stream().noneMatch(setup::isMemoryKey));
    } else if (kind < (memory ? 97 : 95)) {
      List<Integer> written = memory ? List.of() : List.of(key);
      add(at, Kind.CLEAR, node, written, !memory);
    } else {
      add(at, Kind.REMOVE, node, List.of(key), !memory);
    }
  }

  /** Many callers remove a key at one node at the same time. */
  private void storm() {
    int at = moment();
    int node = node();
    for (int i = 0; i < STORM; i++) {
      List<Integer> keys = List.of(key());
      all.add(new Operation(callers + i, 1_000L * at, Kind.REMOVE, node, keys, false));
    }
  }

  /** Changes of one key, one after the other, and gets of it at many nodes. */
  private void scene() {
    int key = key();
    int at = moment();
    for (int i = between(1, 3); i > 0; i--) {
      int changing = node();
      change(at, changing, key);
      if (in(40)) {
        get(at + between(0, 2), changing, key);
      }
      at += anyOf(between(0, 5), between(5, 200), between(200, 3_000));
    }
    for (int i = between(2, 8); i > 0; i--) {
      get(at + anyOf(between(0, 20), between(0, 1_500), between(0, 8_000)), node(), key);
    }
    if (setup.bulkKeys() > 0 && in(30)) {
      bulkScene(moment());
    }
  }

  /** Nodes hold keys, and are hidden from one that changes them; later they are seen. */
  private void hideScene(Fault hide) {
    int[] hidden = in(50) ? new int[] {one(hide.others())} : Nodes.each(hide.others()).toArray();
    List<Integer> keys =
        in(50)
            ? IntStream.range(0, setup.hotKeys()).boxed().toList()
            : List.of(random.nextInt(setup.hotKeys()));
    int often = hidden.length > 1 ? 1 : anyOf(1, 4, 14); // A node copies what it often asks for.
    for (int i = 0; i < often * hidden.length; i++) {
      add(hide.at() - between(1, 900), Kind.GET_ALL, hidden[i % hidden.length], keys, false);
    }
    int changed = anyOf(hide.at() - between(0, 8), hide.at() + between(0, hide.lasts()));
    if (keys.size() == 1 && in(30)) {
      add(changed, Kind.SET, one(hide.nodes()), keys, true);
    } else {
      add(changed, Kind.REMOVE_ALL, one(hide.nodes()), keys, true);
    }
    for (int node : hidden) {
      int at = in(50) ? hide.end() + between(1, 300) : changed + between(4, 40);
      add(at, Kind.GET_ALL, node, keys, false);
    }
  }

  /** A change of more keys than a node remembers, and gets of them. */
  private void bulkScene(int at) {
    add(at - between(50, 500), Kind.GET_ALL, node(), bulk(), false);
    add(at, Kind.REMOVE_ALL, node(), bulk(), true);
    for (int i = between(2, 4); i > 0; i--) {
      add(at + between(0, 4_000), Kind.GET_ALL, node(), bulk(), false);
    }
  }
}
