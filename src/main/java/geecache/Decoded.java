package geecache;

/**
 * What a codec made of the bytes of a value, kept beside them.
 *
 * @param value immutable, and never null
 * @param reader the codec, which tells the objects of typed views of one group apart
 * @param bytes the heap that {@code value} takes
 */
record Decoded(Object value, Object reader, int bytes) {}
