package geecache.spring;

/** Why an application cannot start with geecache as it is set up, and what its developer can do. */
final class StartFailure extends IllegalStateException {
  private static final long serialVersionUID = 1;

  private final String description;
  private final String action;

  /**
   * Makes a failure.
   *
   * @param description what is wrong; without a dot at the end
   * @param action what to do; names the property or the bean
   */
  StartFailure(String description, String action, RuntimeException cause) {
    super(description + ". " + action, cause);
    this.description = description;
    this.action = action;
  }

  String description() {
    return description;
  }

  String action() {
    return action;
  }
}
