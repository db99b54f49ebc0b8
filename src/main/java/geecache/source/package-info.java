/**
 * Ready-made getters for what most groups stand in front of: a SQL query ({@link
 * geecache.source.JdbcGetter}) and a URL ({@link geecache.source.HttpGetter}); and {@link
 * geecache.source.PostgresInvalidation}, by which a database says what it changed. Each comes from
 * a builder that checks what it is told; which database it is, a {@link geecache.source.Database}
 * says.
 */
@NullMarked
package geecache.source;

import org.jspecify.annotations.NullMarked;
