package geecache.http;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Explains a failure of TLS to the operator. */
final class TlsTrouble {
  private static final String ALERT = "Received fatal alert: ";

  private TlsTrouble() {}

  /** Returns the cause in plain words, with the message of the library in brackets. */
  static String of(SSLException failure) {
    Throwable innermost = innermost(failure);
    String message = innermost.getMessage() == null ? innermost.toString() : innermost.getMessage();
    return "TLS: " + explain(failure, message) + " (" + message + ")";
  }

  private static String explain(SSLException failure, String message) {
    if (has(failure, CertificateExpiredException.class)) {
      return "its certificate, or one that signed it, has expired";
    }
    if (has(failure, CertificateNotYetValidException.class)) {
      return "its certificate is not valid yet; is the clock right on both?";
    }
    if (failure instanceof SSLPeerUnverifiedException || isHostMismatch(message)) {
      return "its certificate is not for the host in its URL";
    }
    if (has(failure, CertPathBuilderException.class)
        || has(failure, CertPathValidatorException.class)) {
      return "its certificate is not trusted; is the authority that signed it in geecache.tls-ca or"
          + " geecache.tls-trust-store?";
    }
    if (has(failure, CertificateException.class)) {
      return "its certificate is refused";
    }
    return message.startsWith(ALERT)
        ? explainAlert(message.substring(ALERT.length()))
        : message.contains("Unsupported or unrecognized SSL message")
            ? "it does not speak TLS at this port; should its URL begin with http:?"
            : "the connection failed";
  }

  /** By the messages of {@code sun.security.util.HostnameChecker}, which JSSE uses. */
  private static boolean isHostMismatch(String message) {
    return message.startsWith("No subject alternative") || message.startsWith("No name matching");
  }

  /** By the names that JSSE gives to the alerts of RFC 8446, section 6. */
  private static String explainAlert(String alert) {
    return switch (alert) {
      case "bad_certificate",
          "certificate_required",
          "certificate_unknown",
          "certificate_expired",
          "certificate_revoked",
          "unsupported_certificate",
          "unknown_ca",
          "access_denied" ->
          "it wants a certificate, and this node showed none that it accepts; is the one in"
              + " geecache.tls-certificate or geecache.tls-key-store right, and trusted there?";
      case "protocol_version" -> "it speaks neither TLS 1.2 nor 1.3";
      case "handshake_failure" ->
          "no cipher suits both, or it wants a certificate; is that of geecache.tls-certificate or"
              + " geecache.tls-key-store right?";
      default -> "it ended the handshake";
    };
  }

  private static boolean has(Throwable failure, Class<? extends Throwable> type) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .anyMatch(type::isInstance);
  }

  private static Throwable innermost(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
