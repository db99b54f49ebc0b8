package geecache.http;

import geecache.testing.FaultyPeer;
import geecache.testing.Head;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The reads that come to a front: everything but what nodes tell each other. */
final class Reads {
  private final List<Head> heads = new CopyOnWriteArrayList<>();

  private Reads() {}

  /** Watches from now on, until the front is told to cut somebody off. */
  static Reads at(FaultyPeer front) {
    Reads reads = new Reads();
    front.cutFor(
        request -> {
          if (isRead(request)) {
            reads.heads.add(request);
          }
          return false;
        });
    return reads;
  }

  static boolean isRead(Head request) {
    return !request.target().startsWith(Request.Mapping.NODES.path());
  }

  int count() {
    return heads.size();
  }

  /** Returns those of one group. */
  List<Head> of(String group) {
    return heads.stream()
        .filter(head -> head.target().matches("/_geecache/" + group + "([/?].*)?"))
        .toList();
  }
}
