package geecache.containers.library;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.Getter;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;

/**
 * A source that nodes of all kinds share, asked over HTTP.
 *
 * @param url the escaped key is appended to it
 */
record RemoteSource(String url) implements Getter {
  /** The context parameter that has the URL. */
  static final String PARAMETER = "remote.source";

  @Override
  public byte[] get(String key) throws IOException {
    URI uri = URI.create(url + URLEncoder.encode(key, UTF_8));
    try (InputStream in = uri.toURL().openStream()) {
      return in.readAllBytes();
    }
  }
}
