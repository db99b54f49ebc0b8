/** Tells a node which nodes its cluster has: by a list, a name service, or JGroups. */
@NullMarked
package geecache.membership;

import org.jspecify.annotations.NullMarked;
