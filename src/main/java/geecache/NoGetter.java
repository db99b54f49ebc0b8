package geecache;

import geecache.internal.MediaType;

/** Stands for the source of a group that has none: only callers fill it. */
final class NoGetter implements Getter {
  private final String contentType;

  NoGetter() {
    this(MediaType.OCTET_STREAM);
  }

  /** Stands for a source of values with this media type. */
  NoGetter(String contentType) {
    this.contentType = contentType;
  }

  @Override
  public String contentType() {
    return contentType;
  }

  @Override
  public byte[] get(String key) throws KeyNotFoundException {
    throw KeyNotFoundException.unfilled(key);
  }
}
