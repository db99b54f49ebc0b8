/** A node inside a servlet container: the servlets, the listener, and the wiring by settings. */
@NullMarked
package geecache.web;

import org.jspecify.annotations.NullMarked;
