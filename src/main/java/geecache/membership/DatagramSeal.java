package geecache.membership;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Seals datagrams, and opens those of others. Each start of a sender is a session, with random
 * bytes for a name, a key of its own, and numbers from 0 on.
 *
 * <p>A session that is not known may be a recording. So the receiver asks it for a sign of life,
 * with random bytes that never come again, and believes it from the answer on. What has come
 * meanwhile is held back, within a bound. The answer also says which numbers are recent, so that a
 * recording of a session that still lives is of no use either. From then on each number is heard
 * once.
 *
 * <pre>
 * kind (1), session (16), number (8), sealed text, tag (16)
 *
 * text of DATA:   what JGroups sends
 * text of ASK:    the session that is asked (16), challenge (16)
 * text of ANSWER: challenge (16), the lowest number that is recent (8)
 * </pre>
 *
 * Safe for use by many threads: one lock guards all of it, and no I/O runs under it.
 */
final class DatagramSeal {
  /** How much longer than its text a datagram is. */
  static final int OVERHEAD = 1 + 16 + 8 + FrameCipher.TAG_BYTES;

  /** How many senders are known; one that was forgotten is asked again. */
  static final int MAX_KNOWN = 1_024;

  /** How many sessions are asked for a sign of life at a time. */
  static final int MAX_ASKED = 64;

  /** How many bytes of a session are held back while it is asked, with what each text takes. */
  static final int MAX_HELD = 16 * 1024;

  /** What a text that is held back takes beside its bytes, or somewhat more. */
  static final int ENTRY_BYTES = 128;

  /** No sender lives for as many; what is higher is sent to do harm. */
  static final long MAX_NUMBER = 1L << 62;

  private static final byte DATA = 0x21;
  private static final byte ASK = 0x22;
  private static final byte ANSWER = 0x23;
  private static final int NAME_BYTES = 16;
  private static final int HEADER_BYTES = OVERHEAD - FrameCipher.TAG_BYTES;

  /** What was sent before that is no longer recent, once it can be told. */
  private static final long RECENT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final SealingKeys keys;
  private final SecureRandom random;
  private final LongSupplier nanos;

  private final ByteBuffer own;
  private final FrameCipher cipher;
  private long sent;

  /** Below this, all was sent before {@code mark} was, which was at {@code markedAt}. */
  private long floor;

  private long mark;
  private long markedAt;

  /** Those that have shown a sign of life; the one that was silent for longest goes first. */
  private final Map<ByteBuffer, Known> known = new Bounded<>(MAX_KNOWN, true);

  /** Those that were asked for one; the one that was asked first goes first. */
  private final Map<ByteBuffer, Asked> asked = new Bounded<>(MAX_ASKED, false);

  DatagramSeal(SealingKeys keys, SecureRandom random, LongSupplier nanos) {
    this.keys = keys;
    this.random = random;
    this.nanos = nanos;
    own = ByteBuffer.wrap(randomBytes());
    cipher = cipher(0, own);
    markedAt = nanos.getAsLong();
  }

  /**
   * What comes of a datagram: texts to be heard, in turn, and at most one datagram to send back.
   */
  record Opened(List<byte[]> texts, byte @Nullable [] reply) {
    private static final Opened NOTHING = new Opened(List.of(), null);
  }

  private record Known(FrameCipher cipher, ReplayWindow window) {}

  private static final class Asked {
    private final FrameCipher cipher;
    private final byte[] challenge;
    private final Map<Long, byte[]> held = new LinkedHashMap<>();
    private int heldBytes;

    Asked(FrameCipher cipher, byte[] challenge) {
      this.cipher = cipher;
      this.challenge = challenge;
    }

    /** Holds a text back, if there is room for it. */
    void hold(long number, byte[] text) {
      int bytes = text.length + ENTRY_BYTES;
      if (heldBytes + bytes <= MAX_HELD && held.putIfAbsent(number, text) == null) {
        heldBytes += bytes;
      }
    }
  }

  /** Returns a part of {@code text} as a datagram. */
  synchronized byte[] seal(byte[] text, int offset, int length) {
    recent();
    return seal(DATA, text, offset, length);
  }

  private byte[] seal(byte kind, byte[] text, int offset, int length) {
    long number = sent++;
    byte[] datagram = new byte[OVERHEAD + length];
    ByteBuffer.wrap(datagram).put(kind).put(own.array()).putLong(number);
    cipher.seal(number, text, offset, length, datagram, HEADER_BYTES);
    return datagram;
  }

  /** Returns the lowest number that is recent: all below are older than a second. */
  private long recent() {
    long now = nanos.getAsLong();
    if (now - markedAt >= RECENT_NANOS) {
      floor = now - markedAt >= 2 * RECENT_NANOS ? sent : mark;
      mark = sent;
      markedAt = now;
    }
    return floor;
  }

  /** Opens a datagram; null if it is not sealed with a secret of this cluster. */
  synchronized @Nullable Opened open(byte[] bytes, int offset, int length) {
    if (length < OVERHEAD) {
      return null;
    }
    byte[] datagram = Arrays.copyOfRange(bytes, offset, offset + length);
    byte kind = datagram[0];
    ByteBuffer sender = ByteBuffer.wrap(Arrays.copyOfRange(datagram, 1, 1 + NAME_BYTES));
    long number = ByteBuffer.wrap(datagram).getLong(1 + NAME_BYTES);
    if (number < 0 || number > MAX_NUMBER) {
      return null;
    }
    if (sender.equals(own)) {
      return Opened.NOTHING; // It is its own multicast, or somebody plays it back.
    }
    Known session = known.get(sender);
    if (session != null) {
      byte[] text = text(session.cipher, number, datagram);
      return text == null ? null : hear(session, kind, number, text);
    }
    Asked waiting = asked.get(sender);
    if (waiting != null) {
      byte[] text = text(waiting.cipher, number, datagram);
      return text == null ? null : meet(sender, waiting, kind, number, text);
    }
    for (int secret = 0; secret < keys.count(); secret++) {
      FrameCipher cipher = cipher(secret, sender);
      byte[] text = text(cipher, number, datagram);
      if (text != null) {
        Asked added = new Asked(cipher, randomBytes());
        if (kind == DATA) {
          asked.put(sender, added);
        }
        return meet(sender, added, kind, number, text);
      }
    }
    return null;
  }

  private static byte @Nullable [] text(FrameCipher cipher, long number, byte[] datagram) {
    return cipher.open(number, datagram, HEADER_BYTES, datagram.length - HEADER_BYTES);
  }

  private Opened hear(Known session, byte kind, long number, byte[] text) {
    if (!session.window.admit(number)) {
      return Opened.NOTHING;
    }
    return switch (kind) {
      case DATA -> new Opened(List.of(text), null);
      case ASK -> answer(text);
      default -> Opened.NOTHING;
    };
  }

  /** Does what is to be done with a datagram of a session that has shown no sign of life yet. */
  private Opened meet(ByteBuffer sender, Asked session, byte kind, long number, byte[] text) {
    return switch (kind) {
      case DATA -> {
        session.hold(number, text);
        byte[] question =
            ByteBuffer.allocate(2 * NAME_BYTES).put(sender.array()).put(session.challenge).array();
        yield new Opened(List.of(), seal(ASK, question, 0, question.length));
      }
      case ASK -> answer(text);
      case ANSWER -> {
        boolean lives =
            text.length == NAME_BYTES + Long.BYTES
                && Arrays.equals(session.challenge, Arrays.copyOf(text, NAME_BYTES));
        yield lives ? believe(sender, session, number, text) : Opened.NOTHING;
      }
      default -> Opened.NOTHING;
    };
  }

  private Opened believe(ByteBuffer sender, Asked session, long number, byte[] answer) {
    asked.remove(sender);
    ReplayWindow window =
        new ReplayWindow(Math.max(0, ByteBuffer.wrap(answer).getLong(NAME_BYTES)));
    known.put(sender, new Known(session.cipher, window));
    List<byte[]> texts = new ArrayList<>();
    session.held.forEach(
        (held, text) -> {
          if (window.admit(held)) {
            texts.add(text);
          }
        });
    window.admit(number);
    return new Opened(texts, null);
  }

  /** Answers a question for a sign of life, if it is this session that is asked. */
  private Opened answer(byte[] question) {
    if (question.length != 2 * NAME_BYTES
        || !own.equals(ByteBuffer.wrap(question, 0, NAME_BYTES))) {
      return Opened.NOTHING;
    }
    byte[] answer =
        ByteBuffer.allocate(NAME_BYTES + Long.BYTES)
            .put(question, NAME_BYTES, NAME_BYTES)
            .putLong(recent())
            .array();
    return new Opened(List.of(), seal(ANSWER, answer, 0, answer.length));
  }

  private FrameCipher cipher(int secret, ByteBuffer session) {
    return new FrameCipher(keys.derive(secret, "datagrams", session.array()));
  }

  private byte[] randomBytes() {
    byte[] bytes = new byte[NAME_BYTES];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Forgets the eldest past its bound. */
  private static final class Bounded<V> extends LinkedHashMap<ByteBuffer, V> {
    private static final long serialVersionUID = 1;
    private final int most;

    Bounded(int most, boolean byAccess) {
      super(16, 0.75f, byAccess);
      this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<ByteBuffer, V> eldest) {
      return size() > most;
    }
  }
}
