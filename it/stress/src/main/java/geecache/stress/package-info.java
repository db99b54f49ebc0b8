/** What threads may see of each other in the store by value, which is read without a lock. */
package geecache.stress;
