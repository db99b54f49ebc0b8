package com.example;

import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** The users of the shop. All instances together read a user once. */
@Repository
public class Users {
  private final JdbcTemplate database;
  private final AtomicInteger queries = new AtomicInteger();

  Users(JdbcTemplate database) {
    this.database = database;
  }

  /** Returns a user; null if there is none. */
  @Cacheable(cacheNames = "users", sync = true)
  public User find(long id) {
    queries.incrementAndGet();
    return database
        .query(
            "select id, name from users where id = ?",
            (row, number) -> new User(row.getLong(1), row.getString(2)),
            id)
        .stream()
        .findFirst()
        .orElse(null);
  }

  /** Renames a user. After the commit, no instance answers with the old name. */
  @Transactional
  @CacheEvict(cacheNames = "users", key = "#id")
  public void rename(long id, String name) {
    database.update("update users set name = ? where id = ?", name, id);
  }

  /** Returns how many queries this instance has made. */
  public int queries() {
    return queries.get();
  }
}
