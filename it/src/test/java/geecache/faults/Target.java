package geecache.faults;

import java.util.concurrent.atomic.AtomicInteger;

/** A node as callers see it. Safe for use by many threads. */
final class Target {
  private final String url;
  private final String secret;

  /** Counts ups and downs: odd while it is up. */
  private final AtomicInteger lives = new AtomicInteger();

  Target(String url, String secret) {
    this.url = url;
    this.secret = secret;
  }

  String url() {
    return url;
  }

  String secret() {
    return secret;
  }

  boolean isUp() {
    return lives.get() % 2 == 1;
  }

  /** Connections of an earlier life are of no use. */
  int life() {
    return lives.get();
  }

  void up(boolean up) {
    if (up != isUp()) {
      lives.incrementAndGet();
    }
  }
}
