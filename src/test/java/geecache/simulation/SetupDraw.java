package geecache.simulation;

import java.util.random.RandomGenerator;

/** Draws the cluster of a plan, and the settings of its nodes. */
final class SetupDraw extends Draw {
  SetupDraw(RandomGenerator random) {
    super(random);
  }

  Setup draw(Theme theme) {
    boolean stable = theme == Theme.CALM || theme == Theme.NETWORK;
    int log = anyOf(4, 8, 20, 10_000, 10_000, 10_000);
    boolean small = in(stable ? 30 : 40);
    boolean ages = in(stable ? 25 : 35);
    int life = ages ? between(500, 15_000) : 0;
    boolean inMemory = stable && !small && !ages && log == 10_000; // Else a clearing may come.
    int nodes = anyOf(3, 3, 3, 4, 4, 5, 5, 6, 7);
    return new Setup(
        nodes,
        !stable && in(30) ? 1 : 0,
        in(25),
        log,
        small ? between(1_000, 5_000) : Setup.PLENTY,
        life,
        ages ? anyOf(0, 20, 50) : 0,
        ages && in(50) ? life / anyOf(2, 4, 10) : 0,
        ages && in(50) ? between(100, 5_000) : 0,
        in(70),
        anyOf(1_000, 3_000, 30_000),
        anyOf(0, 5_000, 60_000),
        anyOf(0, 1_000, 2_000),
        anyOf(1, 4, 64),
        2_000,
        3_000,
        anyOf(2, 8, 64),
        between(2, 8),
        log <= 20 && in(60) ? log + between(2, 20) : 0,
        inMemory ? between(2, 4) : 0,
        anyOf(4, 8, 32),
        anyOf(0, 200, 3_000, 3_000),
        anyOf(1, 5, 50),
        0,
        0,
        false,
        0,
        Leasing.NONE);
  }
}
