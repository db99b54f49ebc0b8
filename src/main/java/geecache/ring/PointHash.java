package geecache.ring;

/**
 * Hashes octets to points on a ring. Text is hashed as UTF-8, octet by octet, so that a look-up
 * allocates nothing.
 */
enum PointHash {
  /** CRC-32 of ISO 3309, the "IEEE" one of Go's {@code hash/crc32}, in 32 bits. */
  CRC32 {
    @Override
    long begin() {
      return 0xffff_ffffL;
    }

    @Override
    long add(long state, int octet) {
      return CRC_TABLE[(int) (state ^ octet) & 0xff] ^ (state >>> 8);
    }

    @Override
    long end(long state) {
      return state ^ 0xffff_ffffL;
    }
  },

  /**
   * FNV-1a in 64 bits (Fowler, Noll, Vo; RFC 9923), then the finalizer of MurmurHash3 (Appleby).
   * With it, each bit of the input changes half the bits of the result. Names of peers resemble
   * each other, and so do keys: FNV alone would leave them close together.
   */
  FNV1A_MIXED {
    @Override
    long begin() {
      return 0xcbf29ce484222325L;
    }

    @Override
    long add(long state, int octet) {
      return (state ^ octet) * 0x100000001b3L;
    }

    @Override
    long end(long state) {
      long h = state;
      h = (h ^ h >>> 33) * 0xff51afd7ed558ccdL;
      h = (h ^ h >>> 33) * 0xc4ceb9fe1a85ec53L;
      return h ^ h >>> 33;
    }
  };

  private static final long[] CRC_TABLE = crcTable();

  abstract long begin();

  abstract long add(long state, int octet);

  abstract long end(long state);

  /** Returns the hash of {@code text} in UTF-8. Compare it unsigned. */
  final long of(String text) {
    long state = begin();
    for (int i = 0; i < text.length(); i++) {
      int c = text.codePointAt(i);
      if (c < 0x80) {
        state = add(state, c);
      } else if (c < 0x800) {
        state = add(state, 0xc0 | c >> 6);
        state = add(state, 0x80 | c & 0x3f);
      } else if (c < 0x10000) {
        state = add(state, 0xe0 | c >> 12);
        state = add(state, 0x80 | c >> 6 & 0x3f);
        state = add(state, 0x80 | c & 0x3f);
      } else {
        state = add(state, 0xf0 | c >> 18);
        state = add(state, 0x80 | c >> 12 & 0x3f);
        state = add(state, 0x80 | c >> 6 & 0x3f);
        state = add(state, 0x80 | c & 0x3f);
        i++; // It took two chars.
      }
    }
    return end(state);
  }

  /** Returns the hash of {@code octets}. Compare it unsigned. */
  final long of(byte[] octets) {
    return end(addAll(begin(), octets));
  }

  /** Returns the hash of {@code number} in decimal, followed by {@code octets}. */
  final long of(int number, byte[] octets) {
    long state = begin();
    String digits = Integer.toString(number);
    for (int i = 0; i < digits.length(); i++) {
      state = add(state, digits.charAt(i));
    }
    return end(addAll(state, octets));
  }

  private long addAll(long before, byte[] octets) {
    long state = before;
    for (byte octet : octets) {
      state = add(state, octet & 0xff);
    }
    return state;
  }

  private static long[] crcTable() {
    long[] table = new long[256];
    for (int i = 0; i < table.length; i++) {
      long crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : 0xedb88320L ^ crc >>> 1;
      }
      table[i] = crc;
    }
    return table;
  }
}
