package geecache.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.http.message.HeaderGroup;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FreshnessTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "ETag: x                                                 | -",
        "Cache-Control: max-age=60                               | PT60S",
        "Cache-Control: public, Max-Age=\"60\", must-revalidate  | PT60S",
        "Cache-Control: max-age=60; Age: 10                      | PT50S",
        "Cache-Control: max-age=60; Age: 60                      | PT0.000000001S",
        "Cache-Control: max-age=60; Age: x                       | PT60S",
        "Cache-Control: s-maxage=5, max-age=60                   | PT5S",
        "Cache-Control: max-age=60, s-maxage=5                   | PT5S",
        "Cache-Control: max-age=0                                | PT0.000000001S",
        "Cache-Control: max-age=-1                               | PT0.000000001S",
        "Cache-Control: max-age                                  | PT0.000000001S",
        "Cache-Control: max-age=99999999999999999999             | PT2147483647S",
        "Cache-Control: max-age=60; Cache-Control: no-store      | PT0S",
        "Cache-Control: private, max-age=60                      | PT0S",
        "Cache-Control: no-cache, max-age=60                     | PT0.000000001S",
        "Cache-Control: max-age=60; Vary: *                      | PT0S",
        "Cache-Control: max-age=60; Vary: Accept, *              | PT0S",
        "Cache-Control: max-age=60; Vary: Accept                 | PT60S",
        "Expires: 0                                              | PT0.000000001S",
        "Date: Mon, 02 Feb 2026 00:00:00 GMT; Expires: Mon, 02 Feb 2026 00:01:00 GMT | PT60S",
        "Date: Mon, 02 Feb 2026 00:01:00 GMT; Expires: Mon, 02 Feb 2026 00:00:00 GMT | PT0.000000001S",
        "Date: Mon, 02 Feb 2026 00:00:00 GMT; Expires: Mon, 02 Feb 2026 00:01:00 GMT; Age: 10 | PT50S",
        "Cache-Control: max-age=5; Expires: Mon, 02 Feb 2026 00:01:00 GMT | PT5S",
      })
  void timeToLiveFollowsTheHeaders(String headers, String expected) {
    HeaderGroup group = new HeaderGroup();
    for (String header : headers.strip().split("; ")) {
      String[] parts = header.split(": ", 2);
      group.addHeader(new BasicHeader(parts[0], parts[1]));
    }
    assertThat(Freshness.timeToLive(group))
        .isEqualTo(expected == null ? null : Duration.parse(expected));
  }
}
