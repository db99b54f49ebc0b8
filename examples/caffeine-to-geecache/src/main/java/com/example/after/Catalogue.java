package com.example.after;

import com.example.Product;
import com.example.Shop;
import geecache.Cached;
import geecache.Geecache;
import geecache.codec.Codec;
import geecache.codec.KeyCodec;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** The products of a shop, which all nodes of a cluster cache together. */
public final class Catalogue {
  private final Shop shop;
  private final Cached<Long, Product> products;

  public Catalogue(Geecache node, Shop shop) {
    this.shop = shop;
    this.products =
        node.group("products")
            .maxBytes(64 << 20)
            .timeToLive(Duration.ofMinutes(10))
            .typed(KeyCodec.longs(), Codec.json(Product.class))
            .keepDecoded()
            .registerBulk(shop::products);
  }

  public Optional<Product> product(long id) {
    return products.find(id);
  }

  public Map<Long, Product> products(Collection<Long> ids) {
    return products.getAll(ids);
  }

  /** A get that begins on any node once this has returned finds the new product. */
  public void save(Product product) {
    shop.save(product);
    products.remove(product.id());
  }
}
