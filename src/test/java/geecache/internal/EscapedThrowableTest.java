package geecache.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class EscapedThrowableTest {
  @Test
  void aThrowableWithoutControlCharactersIsLoggedItself() {
    Throwable failure = new IllegalStateException("no row", new RuntimeException((String) null));
    assertThat(EscapedThrowable.of(failure)).isSameAs(failure);
  }

  @Test
  void theEscapedTextIsTheMessage() {
    Throwable shown = EscapedThrowable.of(new IllegalStateException("a\nb"));
    assertThat(shown).hasMessage("java.lang.IllegalStateException: a\\nb");
    assertThat(shown).hasToString("java.lang.IllegalStateException: a\\nb");
  }

  @Test
  void causesAndSuppressedAreEscapedToo() {
    Exception failure = new Exception("1", new Exception("2\n"));
    failure.addSuppressed(new Exception("3\n", new Exception("4\n")));
    assertThat(printed(EscapedThrowable.of(failure)))
        .contains("java.lang.Exception: 1", "Caused by: java.lang.Exception: 2\\n")
        .contains("Suppressed: java.lang.Exception: 3\\n", "Caused by: java.lang.Exception: 4\\n");
  }

  /** Its name and message may say different things to different loggers. */
  @Test
  void aMessageThatToStringHidesIsEscaped() {
    Throwable failure =
        new Exception("a\nb") {
          private static final long serialVersionUID = 1;

          @Override
          public String toString() {
            return "harmless";
          }
        };
    assertThat(EscapedThrowable.of(failure)).hasMessage("harmless");
  }

  @Test
  void aCircleOfCausesEnds() {
    Exception one = new Exception("1\n");
    Exception other = new Exception("2\n", one);
    one.initCause(other);
    assertThat(printed(EscapedThrowable.of(one))).contains("1\\n", "2\\n");
    Exception clean = new Exception("1");
    Exception cleanToo = new Exception("2", clean);
    clean.initCause(cleanToo);
    assertThat(EscapedThrowable.of(clean)).isSameAs(clean);
  }

  @Test
  void veryLongChainsAreCutOff() {
    Exception chain = new Exception("first\n");
    for (int i = 0; i < 100_000; i++) {
      chain = new Exception("more", chain);
    }
    assertThat(printed(EscapedThrowable.of(chain)).lines().count()).isLessThan(10_000);
  }

  private static String printed(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }
}
