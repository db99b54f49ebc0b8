package geecache.bench;

import geecache.Geecache;
import geecache.Group;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;

/**
 * Goes into the WAR that {@link Parked} deploys, and registers three groups. {@code hits} has every
 * key; {@code slow} blocks until told; {@code control} tells it: {@code release:KEY} lets the load
 * of a key go on, {@code waiting:ANYTHING} says how many gets {@code slow} has had.
 */
public final class ParkedListener implements ServletContextListener {
  private final ConcurrentMap<String, CountDownLatch> gates = new ConcurrentHashMap<>();

  @Override
  public void contextInitialized(ServletContextEvent event) {
    Geecache node = Geecache.of(event.getServletContext());
    node.newGroup("hits", 0, key -> bytes(key.repeat(10)));
    Group slow =
        node.group("slow")
            .loadTimeout(Duration.ofMinutes(5))
            .waitTimeout(Duration.ofMinutes(5))
            .register(
                key -> {
                  gate(key).await();
                  return bytes("released");
                });
    node.newGroup(
        "control",
        0,
        key -> {
          String[] words = key.split(":");
          if (words[0].equals("release")) {
            gate(words[1]).countDown();
          }
          return bytes(String.valueOf(slow.stats().gets()));
        });
  }

  private CountDownLatch gate(String key) {
    return gates.computeIfAbsent(key, k -> new CountDownLatch(1));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
