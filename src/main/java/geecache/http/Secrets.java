package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The secret that nodes show each other, and that clients show to change values. There is one, or
 * none, or two while one replaces the other. It is sent as a bearer token (RFC 6750, section 2.1).
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

  /** Returns no secrets: reads are open, and changes are refused. */
  public static Secrets none() {
    return NONE;
  }

  /**
   * Returns secrets. The first is shown to peers; all are accepted.
   *
   * @throws IllegalArgumentException if there are more than two, or one is shorter than 16
   *     characters or not all visible ASCII; the message does not contain it
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
   * Returns the secrets themselves, for other traffic that they protect: use the first, and accept
   * all. Never show them to anybody.
   */
  public List<String> texts() {
    return accepted;
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return accepted.isEmpty();
  }

  /** Returns the value of the {@code Authorization} header to send; null without a secret. */
  @Nullable String authorization() {
    return accepted.isEmpty() ? null : SCHEME + accepted.get(0);
  }

  /**
   * Whether {@code authorization} contains one of the secrets. The time that this takes does not
   * depend on how much of it is right.
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

  /** Does not contain the secrets. */
  @Override
  public String toString() {
    return accepted.isEmpty() ? "none" : "****";
  }
}
