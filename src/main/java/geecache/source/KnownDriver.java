package geecache.source;

import java.util.Arrays;
import java.util.Optional;

/** Drivers whose class and Maven coordinates follow from the URL. */
enum KnownDriver {
  POSTGRESQL("jdbc:postgresql:", "org.postgresql.Driver", "org.postgresql:postgresql"),
  MYSQL("jdbc:mysql:", "com.mysql.cj.jdbc.Driver", "com.mysql:mysql-connector-j"),
  MARIADB("jdbc:mariadb:", "org.mariadb.jdbc.Driver", "org.mariadb.jdbc:mariadb-java-client"),
  ORACLE("jdbc:oracle:", "oracle.jdbc.OracleDriver", "com.oracle.database.jdbc:ojdbc17"),
  SQL_SERVER(
      "jdbc:sqlserver:",
      "com.microsoft.sqlserver.jdbc.SQLServerDriver",
      "com.microsoft.sqlserver:mssql-jdbc"),
  DB2("jdbc:db2:", "com.ibm.db2.jcc.DB2Driver", "com.ibm.db2:jcc"),
  H2("jdbc:h2:", "org.h2.Driver", "com.h2database:h2");

  private final String prefix;
  private final String className;
  private final String coordinates;

  KnownDriver(String prefix, String className, String coordinates) {
    this.prefix = prefix;
    this.className = className;
    this.coordinates = coordinates;
  }

  static Optional<KnownDriver> findByUrl(String url) {
    return Arrays.stream(values()).filter(known -> url.startsWith(known.prefix)).findFirst();
  }

  /** Finds a driver by any class of its vendor, such as its {@code DataSource}. */
  static Optional<KnownDriver> findByClass(String className) {
    return Arrays.stream(values())
        .filter(known -> className.startsWith(known.vendorPackage()))
        .findFirst();
  }

  /** Returns the first two parts of the class name, which all classes of the vendor share. */
  private String vendorPackage() {
    int second = className.indexOf('.', className.indexOf('.') + 1);
    return className.substring(0, second + 1);
  }

  String className() {
    return className;
  }

  String coordinates() {
    return coordinates;
  }
}
