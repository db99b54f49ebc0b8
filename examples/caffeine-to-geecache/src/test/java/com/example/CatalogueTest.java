package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import geecache.Geecache;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Both classes do the same in one JVM. */
class CatalogueTest {
  private final Shop shop = new Shop();

  @BeforeEach
  void fill() {
    for (long id = 1; id <= 3; id++) {
      shop.save(new Product(id, "product " + id));
    }
  }

  @Test
  void before() {
    com.example.before.Catalogue catalogue = new com.example.before.Catalogue(shop);
    check(catalogue::product, catalogue::products, catalogue::save);
  }

  @Test
  void after() {
    try (Geecache node = new Geecache()) {
      com.example.after.Catalogue catalogue = new com.example.after.Catalogue(node, shop);
      check(catalogue::product, catalogue::products, catalogue::save);
    }
  }

  private void check(
      Function<Long, Optional<Product>> product,
      Function<Collection<Long>, Map<Long, Product>> products,
      Consumer<Product> save) {
    assertEquals("product 1", product.apply(1L).orElseThrow().name());
    assertEquals("product 1", product.apply(1L).orElseThrow().name());
    assertEquals(1, shop.queries());

    assertEquals(3, products.apply(List.of(1L, 2L, 3L, 4L)).size());
    assertTrue(shop.queries() > 1);
    assertTrue(product.apply(4L).isEmpty());

    save.accept(new Product(1, "another"));
    assertEquals("another", product.apply(1L).orElseThrow().name());
  }
}
