package geecache.codec;

import org.jspecify.annotations.Nullable;

/** Writes and reads the JSON of one type. */
interface JsonFormat {
  /** Returns the bytes of {@code value}. */
  byte[] write(Object value) throws Exception;

  /** Returns the value, or null for the JSON {@code null}. */
  @Nullable Object read(byte[] bytes) throws Exception;
}
