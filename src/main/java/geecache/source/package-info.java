/**
 * Ready-made getters for what most groups stand in front of, such as a SQL query ({@link
 * geecache.source.JdbcGetter}). Each comes from a builder that checks what it is told.
 */
@NullMarked
package geecache.source;

import org.jspecify.annotations.NullMarked;
