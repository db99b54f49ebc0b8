package geecache;

import java.time.Duration;

/** Lets those who load a key that another node owns wait for its word, however busy that is. */
public final class PatientHolders {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private PatientHolders() {}

  /** Has {@code group}, of which nobody has got anything yet, wait so. */
  public static Group of(Group group) {
    group.engine.fetches.patience = PATIENCE;
    return group;
  }
}
