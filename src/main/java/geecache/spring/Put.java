package geecache.spring;

import geecache.ByteView;
import org.jspecify.annotations.Nullable;

/**
 * A value that is put, as it was when it was given.
 *
 * @param since when it was read, at the earliest: it is not stored if the key was removed since
 *     then; null if it replaces whatever is there
 */
record Put(Object key, ByteView value, @Nullable Long since) {}
