/** Who the nodes of a cluster are, told by what knows it: a list, a name service, or JGroups. */
@NullMarked
package geecache.membership;

import org.jspecify.annotations.NullMarked;
