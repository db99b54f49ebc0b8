/**
 * Clusters of real nodes in one JVM, and peers that fail as told, for tests of applications that
 * use geecache. The artifact with the classifier {@code tests}; it needs {@code
 * org.eclipse.jetty:jetty-servlet} 11 beside it, and nothing else that geecache does not bring.
 */
@NullMarked
package geecache.testing;

import org.jspecify.annotations.NullMarked;
