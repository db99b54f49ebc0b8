package geecache.source;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.FakeTicker;
import geecache.LogCapture;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ListeningReportTest {
  private static final SQLException SILENT =
      new SQLException("An I/O error", "08006", new SocketTimeoutException("Read timed out"));

  private static final String WARNED =
      "WARNING not listening for changes in the database db:5432/shop for ";

  private final FakeTicker ticker = new FakeTicker();
  private final LogCapture log = new LogCapture(PostgresInvalidation.class, Level.WARNING);
  private final ListeningReport report =
      new ListeningReport(
          LoggerFactory.getLogger(PostgresInvalidation.class),
          Database.url("jdbc:postgresql://db:5432/shop?password=x").shown(),
          List.of("users", "names"),
          ticker);

  @AfterEach
  void end() {
    log.close();
  }

  @Test
  void aSilentDatabaseIsNamedWithItsGroupsAndForHowLongAgainEachMinute() {
    report.listens("geecache");
    ticker.advance(Duration.ofSeconds(10));
    report.isDeaf(SILENT);
    String silent =
        "the database was silent (java.sql.SQLException: An I/O error); values of groups"
            + " names, users may be old meanwhile";
    assertThat(log.messages()).containsExactly(WARNED + "10 s: " + silent);
    ticker.advance(Duration.ofSeconds(59));
    report.isDeaf(SILENT);
    ticker.advance(Duration.ofSeconds(2));
    report.isDeaf(SILENT);
    assertThat(log.messages()).hasSize(2).last().isEqualTo(WARNED + "71 s: " + silent);
  }

  @Test
  void aConnectionThatIsLostForLessThanAMinuteIsNoProblemAndAFirstOneThatIsMissingIs() {
    assertThat(report.problem()).hasValue("it has not connected yet");
    report.listens("geecache");
    assertThat(report.problem()).isEmpty();
    report.isDeaf(SILENT);
    ticker.advance(Duration.ofSeconds(59));
    assertThat(report.problem()).isEmpty();
    ticker.advance(Duration.ofSeconds(1));
    assertThat(report.problem()).hasValueSatisfying(p -> assertThat(p).contains("was silent"));
  }

  @Test
  void thatNobodySpeaksIsSaidAgainEachMinute() {
    report.listens("geecache");
    report.nobodySpeaks(Duration.ofSeconds(25));
    ticker.advance(Duration.ofSeconds(30));
    report.nobodySpeaks(Duration.ofSeconds(55));
    ticker.advance(Duration.ofSeconds(30));
    report.nobodySpeaks(Duration.ofSeconds(85));
    assertThat(log.messages())
        .hasSize(2)
        .first()
        .asString()
        .startsWith(
            "WARNING no node has told the others of changes in the database db:5432/shop for 25"
                + " s:");
  }

  @Test
  void aDatabaseIsShownWithoutSecrets() {
    assertThat(Database.url("jdbc:postgresql://u:pw@h/d").shown())
        .isEqualTo("the database of a JDBC URL");
    assertThat(Database.url("jdbc:postgresql:shop").shown()).isEqualTo("the database shop");
    assertThat(Database.jndi("jdbc/shop").shown()).isEqualTo("the database of jndi jdbc/shop");
  }
}
