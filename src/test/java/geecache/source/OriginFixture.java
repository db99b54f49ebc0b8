package geecache.source;

import geecache.FakeTicker;
import geecache.Geecache;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A node, and an origin that its getters ask. */
abstract class OriginFixture {
  final FakeTicker ticker = new FakeTicker();
  final Geecache node = new Geecache(ticker, 0);
  Origin origin;

  @BeforeEach
  final void open() throws IOException {
    origin = new Origin();
  }

  @AfterEach
  final void close() {
    node.close();
    origin.close();
  }

  final HttpGetterBuilder at(String pathAndQuery) {
    return HttpGetter.builder().url(origin.url() + pathAndQuery);
  }
}
