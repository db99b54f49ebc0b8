package geecache.containers.library;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.security.CodeSource;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;

/** Tells, for each library of the application, from where a class of it is really taken. */
public final class LibrariesServlet extends HttpServlet {
  private static final long serialVersionUID = 1;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String jar : new TreeSet<>(getServletContext().getResourcePaths("/WEB-INF/lib/"))) {
      lines.append(jar).append(' ').append(sourceOf(jar)).append('\n');
    }
    response.setContentType("text/plain");
    response.getWriter().print(lines);
  }

  private String sourceOf(String jar) throws IOException {
    try (InputStream in = getServletContext().getResourceAsStream(jar);
        JarInputStream entries = new JarInputStream(in)) {
      for (JarEntry entry = entries.getNextJarEntry();
          entry != null;
          entry = entries.getNextJarEntry()) {
        if (entry.getName().matches("(?!META-INF)[\\w/]+\\.class")) {
          return sourceOfClass(entry.getName().replace(".class", "").replace('/', '.'));
        }
      }
      return "no class";
    }
  }

  private static String sourceOfClass(String name) {
    try {
      CodeSource source =
          Class.forName(name, false, LibrariesServlet.class.getClassLoader())
              .getProtectionDomain()
              .getCodeSource();
      return source == null ? "no source" : String.valueOf(source.getLocation());
    } catch (ClassNotFoundException | LinkageError absent) {
      return absent.toString();
    }
  }
}
