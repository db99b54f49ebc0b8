package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.example.after.Catalogue;
import com.example.after.ShopNode;
import geecache.Geecache;
import geecache.http.HTTPPool;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What two nodes do, and two JVMs with a cache each do not. */
@Timeout(60)
class TwoNodesTest {
  private static final String SECRET = "the-secret-of-the-shop";

  private final Shop shop = new Shop();

  @Test
  void aProductIsLoadedOnceForBothAndAChangeReachesBoth() throws Exception {
    try (ShopNode first = new ShopNode(0);
        ShopNode second = new ShopNode(0)) {
      List<String> urls = List.of(first.url(), second.url());
      Geecache one = first.start(urls, SECRET);
      Geecache other = second.start(urls, SECRET);
      Catalogue here = new Catalogue(one, shop);
      Catalogue there = new Catalogue(other, shop);
      awaitContact(one);
      awaitContact(other);

      for (long id = 1; id <= 20; id++) {
        shop.save(new Product(id, "product " + id));
        assertEquals("product " + id, here.product(id).orElseThrow().name());
        assertEquals("product " + id, there.product(id).orElseThrow().name());
      }
      assertEquals(20, shop.queries());

      here.save(new Product(7, "another"));
      assertEquals("another", there.product(7).orElseThrow().name());
    }
  }

  private static void awaitContact(Geecache node) {
    while (HTTPPool.of(node).inContact().isEmpty()) {
      Thread.onSpinWait();
    }
  }
}
