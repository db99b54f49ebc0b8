package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What nodes show each other, and clients show who may change things: one secret, or none, or two
 * while one is being replaced by the other. Sent as a bearer token (RFC 6750, section 2.1).
 */
public final class Secrets {
  private static final int SHORTEST = 16;
  private static final int MOST = 2;
  private static final String SCHEME = "Bearer ";

  private static final Secrets NONE = new Secrets(List.of());

  private final List<String> accepted;

  private Secrets(List<String> accepted) {
    this.accepted = List.copyOf(accepted);
  }

  /** Returns no secret at all: reads are open, and changes are refused. */
  public static Secrets none() {
    return NONE;
  }

  /**
   * Returns secrets, of which the first is shown to peers, and all are accepted.
   *
   * @throws IllegalArgumentException if there are more than two, or one is shorter than 16
   *     characters or has others than visible ASCII; the message does not tell it
   */
  public static Secrets of(List<String> secrets) {
    if (secrets.size() > MOST) {
      throw new IllegalArgumentException("at most two secrets may be set: " + secrets.size());
    }
    for (String secret : secrets) {
      if (secret.length() < SHORTEST || !secret.chars().allMatch(c -> c > ' ' && c <= '~')) {
        throw new IllegalArgumentException(
            "a secret must have at least 16 characters, all visible ASCII; one has "
                + secret.length());
      }
    }
    return secrets.isEmpty() ? NONE : new Secrets(secrets);
  }

  /**
   * Returns the secrets themselves, for what else they are to protect; the first is the one to use,
   * and all are to be accepted. Not to be shown to anybody.
   */
  public List<String> texts() {
    return accepted;
  }

  /** Whether there is none. */
  boolean isEmpty() {
    return accepted.isEmpty();
  }

  /** Returns the value of the {@code Authorization} header to send; null without a secret. */
  @Nullable String authorization() {
    return accepted.isEmpty() ? null : SCHEME + accepted.get(0);
  }

  /**
   * Whether {@code authorization} shows one of the secrets. How long that takes does not tell how
   * much of it is right.
   */
  boolean isShownIn(@Nullable String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return false;
    }
    byte[] shown = authorization.substring(SCHEME.length()).strip().getBytes(UTF_8);
    boolean matches = false;
    for (String secret : accepted) {
      matches |= MessageDigest.isEqual(secret.getBytes(UTF_8), shown);
    }
    return matches;
  }

  /** Does not tell them. */
  @Override
  public String toString() {
    return accepted.isEmpty() ? "none" : "****";
  }
}
