/**
 * What runs inside the containers: a web application of somebody who uses geecache as a library.
 */
@NullMarked
package geecache.containers.library;

import org.jspecify.annotations.NullMarked;
