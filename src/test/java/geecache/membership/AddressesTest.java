package geecache.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressesTest {
  /** The right column has the rules of RFC 5952, section 4. */
  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, 10.1.2.3",
    "2001:0db8:0:0:0:0:0:0001, 2001:db8::1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:DB8:A:B:C:D:E:F, 2001:db8:a:b:c:d:e:f",
    "0:0:0:0:0:0:0:0, ::",
    "0:0:0:0:0:0:0:1, ::1",
    "fd00:1:0:0:0:0:0:0, fd00:1::",
    "fe80::1%1, fe80::1"
  })
  void isWrittenAsAllWriteIt(String address, String text) throws Exception {
    assertThat(Addresses.text(InetAddress.getByName(address))).isEqualTo(text);
  }
}
