import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Run by the build: gives all entries of zip files the same modes. Archivers take them from the
 * files that they read, and so from the umask of the build.
 */
final class ZipModes {
  private static final int END = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int ENTRY = 0x02014b50;
  private static final int ENTRY_BYTES = 46;

  /** The mode is in the upper half; below it is what DOS calls a directory. */
  private static final int DIRECTORY = 0040755 << 16 | 0x10;

  private static final int FILE = 0100644 << 16;

  private ZipModes() {}

  /** Changes the archives in this directory where they lie. */
  public static void main(String[] directory) throws IOException {
    try (DirectoryStream<Path> archives =
        Files.newDirectoryStream(Path.of(directory[0]), "*.{war,jar}")) {
      for (Path archive : archives) {
        change(archive);
      }
    }
  }

  private static void change(Path file) throws IOException {
    byte[] before = Files.readAllBytes(file);
    byte[] after = before.clone();
    change(ByteBuffer.wrap(after).order(ByteOrder.LITTLE_ENDIAN));
    if (!Arrays.equals(before, after)) {
      Files.write(file, after);
    }
  }

  /** Changes the central directory, whose end is that of the file, as there is no comment. */
  private static void change(ByteBuffer zip) throws IOException {
    int end = zip.limit() - END_BYTES;
    require(zip.getInt(end) == END);
    int entries = Short.toUnsignedInt(zip.getShort(end + 10));
    int at = zip.getInt(end + 16);
    for (int i = 0; i < entries; i++) {
      require(zip.getInt(at) == ENTRY);
      int name = Short.toUnsignedInt(zip.getShort(at + 28));
      int extra = Short.toUnsignedInt(zip.getShort(at + 30));
      int comment = Short.toUnsignedInt(zip.getShort(at + 32));
      boolean directory = zip.get(at + ENTRY_BYTES + name - 1) == '/';
      zip.putInt(at + 38, directory ? DIRECTORY : FILE);
      at += ENTRY_BYTES + name + extra + comment;
    }
    require(at == end);
  }

  private static void require(boolean understood) throws IOException {
    if (!understood) {
      throw new IOException("not a zip file as archivers write it");
    }
  }
}
