package geecache.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.Geecache;
import geecache.Getter;
import geecache.LoadException;
import geecache.internal.ControlCharacters;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The example: three scores in a source that logs each key it is asked for. */
final class DemoScores implements Getter {
  private static final Logger log = LoggerFactory.getLogger(DemoScores.class);
  private static final long MAX_BYTES = 2048;

  private final Map<String, String> db = Map.of("Tom", "630", "Jack", "589", "Sam", "567");

  DemoScores() {}

  static void register(Geecache node) {
    node.newGroup("scores", MAX_BYTES, new DemoScores());
  }

  @Override
  public byte[] get(String key) throws LoadException {
    log.info("[SlowDB] search key {}", ControlCharacters.escape(key));
    String score = db.get(key);
    if (score == null) {
      throw new LoadException(key + " not exist");
    }
    return score.getBytes(UTF_8);
  }
}
