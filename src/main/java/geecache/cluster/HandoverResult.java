package geecache.cluster;

/** How many entries of one message the receiver stored, and how many it did not. */
public record HandoverResult(long taken, long refused) {}
