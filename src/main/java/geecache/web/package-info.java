/** A node inside a servlet container: the servlets, the listener and the settings. */
@NullMarked
package geecache.web;

import org.jspecify.annotations.NullMarked;
