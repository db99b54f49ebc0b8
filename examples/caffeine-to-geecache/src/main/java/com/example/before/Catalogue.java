package com.example.before;

import com.example.Product;
import com.example.Shop;
import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** The products of a shop, which each JVM caches for itself. */
public final class Catalogue {
  private final Shop shop;
  private final LoadingCache<Long, Product> products;

  public Catalogue(Shop shop) {
    this.shop = shop;
    this.products =
        Caffeine.newBuilder()
            .maximumSize(100_000)
            .expireAfterWrite(Duration.ofMinutes(10))
            .build(CacheLoader.<Long, Product>bulk(shop::products));
  }

  public Optional<Product> product(long id) {
    return Optional.ofNullable(products.get(id));
  }

  public Map<Long, Product> products(Collection<Long> ids) {
    return products.getAll(ids);
  }

  /** Other JVMs go on with the old product, for ten minutes at most. */
  public void save(Product product) {
    shop.save(product);
    products.invalidate(product.id());
  }
}
