package geecache.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Directories with all that is in them. */
final class Trees {
  private Trees() {}

  /** Copies {@code source} to {@code target}, which must not exist. */
  static void copy(Path source, Path target) throws IOException {
    for (Path path : list(source)) {
      Files.copy(path, target.resolve(source.relativize(path).toString()));
    }
  }

  /** Deletes {@code root} if it exists. */
  static void delete(Path root) throws IOException {
    if (Files.exists(root)) {
      for (Path path : list(root).stream().sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** Replaces {@code old} in a file of text; fails if it is not there. */
  static void edit(Path file, String old, String replacement) throws IOException {
    String text = Files.readString(file);
    if (!text.contains(old)) {
      throw new IOException("no " + old + " in " + file);
    }
    Files.writeString(file, text.replace(old, replacement));
  }

  private static List<Path> list(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      return paths.toList();
    }
  }
}
