package geecache.bench.spring;

/** What the readers of a round are that begin before the change. */
enum Kind {
  /** In transactions whose snapshots are older than the change. */
  OLD_SNAPSHOTS("old snapshots"),
  /** Without transactions, and the row is in no cache: they load while it is changed. */
  OVERLAPPING_LOADS("overlapping loads"),
  /** As those, by a method whose {@code @Cacheable} is not {@code sync}. */
  WITHOUT_SYNC("overlapping loads without sync");

  private final String title;

  Kind(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  long find(Rows rows, long id) {
    return this == WITHOUT_SYNC ? rows.findWithoutSync(id) : rows.find(id);
  }
}
