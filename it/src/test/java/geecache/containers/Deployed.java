package geecache.containers;

/** What every part of the contract is asked of. */
interface Deployed {
  /** Running, with all sites deployed. */
  Container container();

  Client client();

  Wire wire();
}
