package geecache.packaging;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/** One of the build's artifacts, read after it was packaged. */
record Archive(Path path) {
  static Archive of(String name) {
    return new Archive(Path.of("target", name));
  }

  /** The names of the files, folders left out. */
  List<String> files() throws IOException {
    try (ZipFile zip = new ZipFile(path.toFile())) {
      return zip.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName).toList();
    }
  }

  byte[] read(String name) throws IOException {
    try (ZipFile zip = new ZipFile(path.toFile())) {
      return zip.getInputStream(zip.getEntry(name)).readAllBytes();
    }
  }

  /** An attribute of the manifest, or null. */
  @Nullable String attribute(String name) throws IOException {
    try (JarFile jar = new JarFile(path.toFile())) {
      return jar.getManifest().getMainAttributes().getValue(name);
    }
  }
}
