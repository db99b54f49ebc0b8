package geecache.web;

import static geecache.web.GroupSettingTable.DRIVER;
import static geecache.web.GroupSettingTable.JNDI;
import static geecache.web.GroupSettingTable.PASSWORD;
import static geecache.web.GroupSettingTable.URL;
import static geecache.web.GroupSettingTable.USER;

import geecache.settings.Settings;
import geecache.source.Database;
import java.util.Optional;

/** Reads from the settings of a group which database it is loaded from. */
final class GroupDatabase {
  private GroupDatabase() {}

  /**
   * Describes the database, without a look for it.
   *
   * @throws IllegalArgumentException if settings are missing or exclude each other
   */
  static Database of(String group, Settings settings) {
    Optional<String> jndi = settings.find(JNDI.of(group));
    Optional<String> url = settings.find(URL.of(group));
    if (jndi.isPresent() == url.isPresent()) {
      throw new IllegalArgumentException("exactly one of jndi and url is required");
    }
    Database database = jndi.map(Database::jndi).or(() -> url.map(Database::url)).orElseThrow();
    Optional<String> user = settings.find(USER.of(group));
    Optional<String> password = settings.find(PASSWORD.of(group));
    if (password.isPresent() && user.isEmpty()) {
      throw new IllegalArgumentException("password needs user");
    }
    if (user.isPresent()) {
      database = database.user(user.get(), password.orElse(null));
    }
    Optional<String> driver = settings.find(DRIVER.of(group));
    return driver.isPresent() ? database.driver(driver.get()) : database;
  }
}
