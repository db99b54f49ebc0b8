package geecache.containers.library;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.enterprise.context.ApplicationScoped;

/** Something of the application's that only its container can hand out. */
@ApplicationScoped
public class Greeter {
  /** Made by the container. */
  public Greeter() {}

  byte[] greet(String name) {
    return ("Hello, " + name + "!").getBytes(UTF_8);
  }
}
