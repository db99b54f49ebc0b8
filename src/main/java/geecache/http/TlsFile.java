package geecache.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/** A file with certificates or keys, which may be replaced at any time. */
record TlsFile(Path path) {
  /** Changes whenever the file is rewritten or replaced. */
  record Version(FileTime modified, long size, @Nullable Object key) {}

  /** Returns the version of the file; null if the file does not exist now. */
  @Nullable Version version() {
    try {
      BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
      return new Version(now.lastModifiedTime(), now.size(), now.fileKey());
    } catch (IOException gone) {
      return null;
    }
  }

  /**
   * Returns the first bytes of the file.
   *
   * @throws IllegalArgumentException if the file cannot be read; the message has the file and why
   */
  byte[] read(int most) {
    try (InputStream in = Files.newInputStream(path)) {
      return in.readNBytes(most);
    } catch (NoSuchFileException absent) {
      throw refused("does not exist", absent);
    } catch (AccessDeniedException denied) {
      throw refused("may not be read by the user that the container runs as", denied);
    } catch (IOException failure) {
      throw refused("cannot be read: " + failure.getMessage(), failure);
    }
  }

  /** Returns an exception that says why the file is refused. */
  IllegalArgumentException refused(String why, @Nullable Throwable cause) {
    return new IllegalArgumentException(path + " " + why, cause);
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
