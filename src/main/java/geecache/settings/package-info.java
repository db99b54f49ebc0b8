/** Settings: their names and types, and the places where they are written. Knows no servlets. */
@NullMarked
package geecache.settings;

import org.jspecify.annotations.NullMarked;
