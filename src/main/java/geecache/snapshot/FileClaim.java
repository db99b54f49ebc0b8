package geecache.snapshot;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The right to read and write a file, which one node has at a time: a lock of the file beside it.
 * It ends with the process. On some systems a second node in the same JVM that asks for it in vain
 * has the first one's lock end for other processes ({@link java.nio.channels.FileLock}); in this
 * JVM it holds.
 */
final class FileClaim implements AutoCloseable {
  private final FileChannel channel;

  private FileClaim(FileChannel channel) {
    this.channel = channel;
  }

  /** Claims {@code file}; returns null if another node has it. */
  static @Nullable FileClaim of(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file.resolveSibling(file.getFileName() + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException inThisJvm) {
      // As if another process had it.
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    return lock == null ? null : new FileClaim(channel);
  }

  @Override
  public void close() throws IOException {
    channel.close(); // Ends the lock.
  }
}
