package geecache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LinkTest {
  private ServerSocket server;
  private Link link;
  private Socket client;
  private Socket accepted;

  @BeforeEach
  void connect() throws IOException {
    server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    link = new Link(address(), server.getLocalPort());
    client = new Socket(address(), server.getLocalPort());
    accepted = server.accept();
  }

  private static InetAddress address() throws IOException {
    return InetAddress.getByName("127.77.100.1");
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    accepted.close();
    link.close();
    server.close();
  }

  @Test
  void carriesBothWays() throws IOException {
    client.getOutputStream().write(1);
    assertThat(accepted.getInputStream().read()).isEqualTo(1);
    accepted.getOutputStream().write(2);
    assertThat(client.getInputStream().read()).isEqualTo(2);

    accepted.close();
    assertThat(client.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void whatIsSentInSilenceComesAfterIt() throws IOException {
    link.become(Link.State.SILENT);
    client.getOutputStream().write(1);
    accepted.setSoTimeout(100);
    assertThatThrownBy(() -> accepted.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);

    link.become(Link.State.OPEN);
    accepted.setSoTimeout(0);
    assertThat(accepted.getInputStream().read()).isEqualTo(1);
  }

  @Test
  void whatIsSlowComes() throws IOException {
    link.become(Link.State.SLOW);
    client.getOutputStream().write(1);
    assertThat(accepted.getInputStream().read()).isEqualTo(1);
  }

  @Test
  void whatIsCutEndsAndTakesNoOtherConnection() throws IOException {
    link.become(Link.State.CUT);

    assertThatThrownBy(() -> client.getInputStream().read()).hasMessageContaining("reset");
    assertThatThrownBy(() -> accepted.getInputStream().read()).hasMessageContaining("reset");
    try (Socket another = new Socket(address(), server.getLocalPort())) {
      assertThatThrownBy(() -> another.getInputStream().read()).hasMessageContaining("reset");
    } catch (IOException refused) {
      assertThat(refused).hasMessageContaining("reset");
    }

    link.become(Link.State.OPEN);
    try (Socket another = new Socket(address(), server.getLocalPort());
        Socket taken = server.accept()) {
      another.getOutputStream().write(3);
      assertThat(taken.getInputStream().read()).isEqualTo(3);
    }
  }
}
