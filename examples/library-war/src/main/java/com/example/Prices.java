package com.example;

import geecache.ByteView;
import geecache.CacheException;
import geecache.Geecache;
import geecache.Group;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A group with a time to live, and what one does with it in Java. */
final class Prices {
  /** Something dear to ask. */
  interface Shop {
    byte[] priceOf(String sku);
  }

  private Prices() {}

  static ByteView ask(Geecache node, Shop shop) throws CacheException {
    Group prices =
        node.group("prices")
            .maxBytes(64 << 20)
            .timeToLive(Duration.ofMinutes(10))
            .jitter(0.1)
            .refreshAhead(Duration.ofMinutes(1))
            .staleIfError(Duration.ofHours(1))
            .absentTimeToLive(Duration.ofSeconds(30))
            .register(sku -> shop.priceOf(sku));

    ByteView price = prices.get("4711"); // loads once, however many ask
    prices.remove("4711"); // a get begun from now on asks the shop again
    CompletableFuture<Void> removed = prices.removeAsync("4712"); // does not wait for other nodes
    return price;
  }
}
