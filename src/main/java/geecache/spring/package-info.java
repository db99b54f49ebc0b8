/**
 * Spring's cache over groups of a node, and the node itself as part of an application of Spring
 * Boot 3.5 or 4, which finds it by itself.
 */
@NullMarked
package geecache.spring;

import org.jspecify.annotations.NullMarked;
