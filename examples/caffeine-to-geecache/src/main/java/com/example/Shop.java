package com.example;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands for the database of the shop. */
public final class Shop {
  private final Map<Long, Product> table = new ConcurrentHashMap<>();
  private final AtomicInteger queries = new AtomicInteger();

  /** Opens a shop without products. */
  public Shop() {}

  /** Returns the products with these ids, by one query. */
  public Map<Long, Product> products(Set<? extends Long> ids) {
    queries.incrementAndGet();
    Map<Long, Product> found = new HashMap<>();
    for (Long id : ids) {
      Product product = table.get(id);
      if (product != null) {
        found.put(id, product);
      }
    }
    return found;
  }

  /** Adds a product, or replaces it. */
  public void save(Product product) {
    table.put(product.id(), product);
  }

  /** Returns how many queries there were. */
  public int queries() {
    return queries.get();
  }
}
