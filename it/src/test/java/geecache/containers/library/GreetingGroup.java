package geecache.containers.library;

import geecache.Geecache;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.servlet.ServletContext;

/** Registers a group whose getter is a bean's affair. */
@ApplicationScoped
public class GreetingGroup {
  private static final long MAX_BYTES = 1 << 20;

  @Inject Greeter greeter;

  /** Made by the container. */
  public GreetingGroup() {}

  void register(@Observes @Initialized(ApplicationScoped.class) ServletContext context) {
    Geecache.of(context).newGroup("beans", MAX_BYTES, greeter::greet);
  }
}
