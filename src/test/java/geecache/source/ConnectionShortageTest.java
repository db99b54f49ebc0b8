package geecache.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What pools and databases say when no connection is free, and when the database is down. */
class ConnectionShortageTest {
  static Stream<SQLException> shortages() {
    return Stream.of(
        new SQLTransientConnectionException(
            "shop - Connection is not available, request timed out after 2000ms (total=8,"
                + " active=8, idle=0, waiting=3)"),
        new SQLException(
            "Cannot get a connection, pool error Timeout waiting for idle object",
            new NoSuchElementException("Timeout waiting for idle object")),
        new SQLException("x", new PoolExhaustedException()),
        new SQLException(
            new Exception("IJ000655: No managed connections available within configured timeout")),
        new SQLException(
            "Error in allocating a connection. Cause: In-use connections equal max-pool-size and"
                + " expired max-wait-time. Cannot allocate more connections."),
        new SQLException("Sorry, acquisition timeout!"),
        new SQLException("An attempt by a client to checkout a Connection has timed out."),
        new SQLException("FATAL: query_wait_timeout", "08P01"),
        new SQLTransientConnectionException(
            "shop - Connection is not available",
            new SQLException("FATAL: sorry, too many clients already", "53300")));
  }

  static Stream<SQLException> failures() {
    return Stream.of(
        new SQLException("Connection refused", "08001", new ConnectException("refused")),
        new SQLTransientConnectionException(
            "shop - Connection is not available", new SQLException("Connection refused", "08001")),
        new SQLException("Cannot load JDBC driver class", new ClassNotFoundException("x")),
        new SQLException("password authentication failed", "28P01"));
  }

  private static final class PoolExhaustedException extends Exception {
    private static final long serialVersionUID = 1;
  }

  @ParameterizedTest
  @MethodSource("shortages")
  void aPoolThatHasNoFreeConnectionIsShort(SQLException told) {
    assertThat(ConnectionShortage.isToldBy(told, false)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aDatabaseThatCannotBeReachedIsNotAShortage(SQLException told) {
    assertThat(ConnectionShortage.isToldBy(told, false)).isFalse();
  }

  @Test
  void ourOwnPoolGivesUpOnlyWhenItCannotConnect() {
    SQLException gaveUp = new SQLTransientConnectionException("request timed out after 2000ms");
    SQLException refused = new SQLException("sorry, too many clients already", "53300");
    assertThat(ConnectionShortage.isToldBy(gaveUp, true)).isFalse();
    assertThat(ConnectionShortage.isToldBy(refused, true)).isTrue();
  }
}
