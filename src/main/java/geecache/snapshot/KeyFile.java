package geecache.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.Group;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * A file with keys of one group, those first that are worth most. It is written beside its place,
 * forced to the disk, and then moved there, so that a reader finds the former file or the new one,
 * whole. Only its owner may read it, since keys may say something of people.
 *
 * <pre>
 * 8 bytes   "geekeys" and the number of the format, 1
 * 2 + n     the name of the group: its length in bytes, then UTF-8
 * 8         when the keys were taken, in milliseconds since 1970
 * 4         how many keys there are
 * 2 + n     each key, as the name of the group
 * 4         the CRC-32C (RFC 3720, 12.1) of all bytes before it
 * </pre>
 *
 * <p>Numbers are written with the highest byte first.
 *
 * @param taken when the keys were taken
 * @param keys in the order of their worth; unmodifiable
 */
record KeyFile(Instant taken, List<String> keys) {
  private static final long FORMAT = 0x6765656b65797301L; // "geekeys", 1

  /** What the keys of a file may take together, in bytes: more are left out. */
  private static final long MOST_BYTES = 256L << 20;

  /** A file that is not what {@link #write} has written for this group. */
  static final class BadFileException extends IOException {
    private static final long serialVersionUID = 1;

    BadFileException(String message) {
      super(message);
    }
  }

  KeyFile {
    keys = List.copyOf(keys);
  }

  /**
   * Writes the file to {@code place}. Returns how many keys it has: the first of them, as far as
   * they fit into 256 MiB.
   *
   * @throws IOException if that fails; the former file is there still
   */
  int write(Path place, String group) throws IOException {
    Path beside = place.resolveSibling(place.getFileName() + ".new");
    Files.deleteIfExists(beside); // That of a process which was killed.
    Files.createFile(beside, privately(place));
    try {
      int fitting = fitting();
      try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
        write(channel, group, fitting);
        channel.force(true);
      }
      Files.move(beside, place, StandardCopyOption.ATOMIC_MOVE);
      return fitting;
    } catch (IOException | RuntimeException | Error failure) {
      Files.deleteIfExists(beside);
      throw failure;
    }
  }

  private static FileAttribute<?>[] privately(Path place) {
    return place.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  private int fitting() {
    long bytes = 0;
    int fitting = 0;
    for (String key : keys) {
      bytes += key.getBytes(UTF_8).length;
      if (bytes > MOST_BYTES) {
        break;
      }
      fitting++;
    }
    return fitting;
  }

  private void write(FileChannel channel, String group, int count) throws IOException {
    CRC32C sum = new CRC32C();
    DataOutputStream out =
        new DataOutputStream(
            new CheckedOutputStream(
                new BufferedOutputStream(Channels.newOutputStream(channel)), sum));
    out.writeLong(FORMAT);
    write(out, group);
    out.writeLong(taken.toEpochMilli());
    out.writeInt(count);
    for (String key : keys.subList(0, count)) {
      write(out, key);
    }
    out.writeInt((int) sum.getValue());
    out.flush();
  }

  private static void write(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    out.writeShort(bytes.length);
    out.write(bytes);
  }

  /**
   * Reads the file at {@code place}.
   *
   * @throws BadFileException if it is damaged, or of another group or format
   * @throws java.nio.file.NoSuchFileException if there is none
   */
  static KeyFile read(Path place, String group) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(place))) {
      return read(in, group);
    }
  }

  /** As {@link #read(Path, String)}, from the bytes of the file. */
  static KeyFile read(InputStream bytes, String group) throws IOException {
    CRC32C sum = new CRC32C();
    try {
      return read(new DataInputStream(new CheckedInputStream(bytes, sum)), sum, group);
    } catch (EOFException cut) {
      throw new BadFileException("it is cut off");
    } catch (CharacterCodingException wrong) {
      throw new BadFileException("it is damaged: a key is no UTF-8");
    }
  }

  private static KeyFile read(DataInputStream in, CRC32C sum, String group) throws IOException {
    if (in.readLong() != FORMAT) {
      throw new BadFileException("it is no file of keys in a format that this release knows");
    }
    String named = readText(in);
    if (!named.equals(group)) {
      throw new BadFileException("its keys are those of group " + named);
    }
    Instant taken = Instant.ofEpochMilli(in.readLong());
    int count = in.readInt();
    if (count < 0 || count > SnapshotOptions.MOST_KEYS) {
      throw new BadFileException("it is damaged: it would have " + count + " keys");
    }
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      keys.add(readText(in));
    }
    int expected = (int) sum.getValue();
    if (in.readInt() != expected || in.read() >= 0) {
      throw new BadFileException("it is damaged: its checksum is wrong");
    }
    return new KeyFile(taken, keys);
  }

  private static String readText(DataInputStream in) throws IOException {
    int length = in.readUnsignedShort();
    if (length == 0 || length > Group.MAX_KEY_BYTES) {
      throw new BadFileException("it is damaged: a key of " + length + " bytes");
    }
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException();
    }
    return UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .decode(ByteBuffer.wrap(bytes))
        .toString();
  }
}
