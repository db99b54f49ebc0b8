/**
 * Ready-made getters for what most groups stand in front of: a SQL query ({@link
 * geecache.source.JdbcGetter}) and a URL ({@link geecache.source.HttpGetter}). Each comes from a
 * builder that checks what it is told.
 */
@NullMarked
package geecache.source;

import org.jspecify.annotations.NullMarked;
