package geecache.membership;

/** A transport of JGroups that hears only what was sealed. */
interface SealedTransport {
  /** Called once, before the transport starts. */
  void seal(SealingKeys keys, Strangers strangers);
}
