/**
 * Ready-made getters: {@link geecache.source.JdbcGetter} loads by a SQL query, {@link
 * geecache.source.HttpGetter} from a URL. {@link geecache.source.PostgresInvalidation} removes the
 * keys that a PostgreSQL database says it changed. Each is made by a builder, which checks its
 * options. A {@link geecache.source.Database} describes the database.
 */
@NullMarked
package geecache.source;

import org.jspecify.annotations.NullMarked;
