/** The start page of the WAR, in a real Chromium: what it promises to those who look at it. */
@NullMarked
package geecache.browser;

import org.jspecify.annotations.NullMarked;
