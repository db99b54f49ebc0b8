package geecache.cluster;

import java.io.IOException;
import java.time.Duration;

/** A way to a node that is not used, except as a test says otherwise. */
class UnusedLink implements NodeLink {
  @Override
  public int maxKeys() {
    return 1;
  }

  @Override
  public int maxReads() {
    return 1;
  }

  @Override
  public boolean read(Batch batch, Answers answers) throws IOException {
    throw new AssertionError("the test reads nothing");
  }

  @Override
  public void renewConnections() {}

  @Override
  public Met meet(Meeting meeting, Duration limit) throws IOException {
    throw new AssertionError("the test meets nobody");
  }

  @Override
  public ChangesResult change(Changes changes, Duration limit) throws IOException {
    throw new AssertionError("the test changes nothing");
  }

  @Override
  public LeaseAnswer leases(LeaseNews news, Duration limit) throws IOException {
    throw new AssertionError("the test has no leases");
  }

  @Override
  public HandoverResult handOver(String group, HandedEntries entries, Duration limit)
      throws IOException {
    throw new AssertionError("the test hands nothing over");
  }
}
