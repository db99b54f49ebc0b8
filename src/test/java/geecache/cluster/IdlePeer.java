package geecache.cluster;

import geecache.LocalGroup;

/** A peer in contact, which is asked for nothing. */
class IdlePeer implements ClusterPeer {
  private final String url;

  IdlePeer(String url) {
    this.url = url;
  }

  @Override
  public String url() {
    return url;
  }

  @Override
  public void ask(LocalGroup group, Question question) {
    throw new AssertionError("nothing is read");
  }

  @Override
  public void seekContact() {}

  @Override
  public boolean isUsable() {
    return true;
  }

  @Override
  public int queuedKeys() {
    return 0;
  }

  @Override
  public PeerTraffic traffic() {
    return new PeerTraffic();
  }

  @Override
  public boolean lacks(GroupVersion group) {
    return false;
  }

  @Override
  public void retire() {}
}
