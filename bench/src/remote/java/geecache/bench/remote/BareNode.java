package geecache.bench.remote;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import geecache.bench.nodes.Ends;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * No cache, but the least that answers blocking gets from another process, to see what is left to
 * all that do more: one connection, on which all keys that wait leave together, and a map at its
 * other end. No protocol to speak of, no limits, no failures, no ownership. Whoever waits parks.
 */
final class BareNode implements Node {
  private static final int BUFFER = 1 << 17;

  /** A key that is asked for, and who waits. */
  private static final class Call {
    final String key;
    final Thread caller = Thread.currentThread();

    /** Written once by the sender. */
    volatile byte[] value;

    Call(String key) {
      this.key = key;
    }
  }

  private final Map<String, byte[]> values = new ConcurrentHashMap<>();
  private final int owner;

  /** Guards the two below. */
  private final Object lock = new Object();

  private Queue<Call> waiting = new ArrayDeque<>();
  private boolean idle;

  /** Started on the caller's side, before its first get; null on the owner's. */
  private Thread sender;

  BareNode(Ends ends) throws IOException {
    owner = ends.there();
    ServerSocket server = new ServerSocket(ends.here(), 1, InetAddress.getByName(Ends.HOST));
    start(() -> serve(server));
  }

  private interface Job {
    void run() throws IOException;
  }

  private static Thread start(Job job) {
    Thread thread =
        new Thread(
            () -> {
              try {
                job.run();
              } catch (IOException failure) {
                throw new UncheckedIOException(failure); // To the log; nobody gets any more.
              }
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void serve(ServerSocket server) throws IOException {
    Socket socket = server.accept();
    socket.setTcpNoDelay(true);
    DataInputStream in = in(socket);
    DataOutputStream out = out(socket);
    while (true) {
      for (int left = in.readInt(); left > 0; left--) {
        byte[] value = values.computeIfAbsent(readText(in), Values::of);
        out.writeInt(value.length);
        out.write(value);
      }
      out.flush();
    }
  }

  private void send() throws IOException {
    Socket socket = new Socket(Ends.HOST, owner);
    socket.setTcpNoDelay(true);
    DataInputStream in = in(socket);
    DataOutputStream out = out(socket);
    while (true) {
      Queue<Call> batch = take();
      out.writeInt(batch.size());
      for (Call call : batch) {
        out.writeShort(call.key.length());
        out.writeBytes(call.key);
      }
      out.flush();
      for (Call call : batch) {
        call.value = in.readNBytes(in.readInt());
        LockSupport.unpark(call.caller);
      }
    }
  }

  private Queue<Call> take() {
    while (true) {
      synchronized (lock) {
        Queue<Call> taken = waiting;
        idle = taken.isEmpty();
        if (!idle) {
          waiting = new ArrayDeque<>();
          return taken;
        }
      }
      LockSupport.park();
    }
  }

  private static DataInputStream in(Socket socket) throws IOException {
    return new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER));
  }

  private static DataOutputStream out(Socket socket) throws IOException {
    return new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), BUFFER));
  }

  private static String readText(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readShort()), ISO_8859_1);
  }

  @Override
  public boolean isRemote(String key) {
    return true;
  }

  @Override
  public void fill(List<String> keys) {
    sender = start(this::send);
    keys.forEach(this::get);
  }

  @Override
  public byte[] get(String key) {
    Call call = new Call(key);
    boolean wake;
    synchronized (lock) {
      waiting.add(call);
      wake = idle;
      idle = false;
    }
    if (wake) {
      LockSupport.unpark(sender);
    }
    while (call.value == null) {
      LockSupport.park();
    }
    return call.value;
  }

  @Override
  public long held() {
    return values.size();
  }
}
