package geecache.containers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.Files.readAllBytes;

import geecache.containers.library.BlockingFilter;
import geecache.containers.library.FrontServlet;
import geecache.containers.library.Greeter;
import geecache.containers.library.GreetingGroup;
import geecache.containers.library.LeakingListener;
import geecache.containers.library.LibrariesServlet;
import geecache.containers.library.LibraryListener;
import geecache.containers.library.LoadsServlet;
import geecache.containers.library.OwnsServlet;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** The WAR that was built, and others made of it, in one directory. */
final class Wars {
  private static final Path TARGET = Path.of("target");
  private static final String LIBRARY_WEB_XML =
      """
      <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="5.0">
        %s
        %s
        <servlet>
          <servlet-name>front</servlet-name>
          <servlet-class>%s</servlet-class>
          <async-supported>true</async-supported>
        </servlet>
        <servlet-mapping>
          <servlet-name>front</servlet-name>
          <url-pattern>/front/*</url-pattern>
        </servlet-mapping>
      </web-app>
      """;
  private static final String LIBRARY_PART =
      """
        <listener><listener-class>%s</listener-class></listener>
        <servlet>
          <servlet-name>loads</servlet-name>
          <servlet-class>%s</servlet-class>
        </servlet>
        <servlet-mapping>
          <servlet-name>loads</servlet-name>
          <url-pattern>/loads</url-pattern>
        </servlet-mapping>
        <servlet>
          <servlet-name>owns</servlet-name>
          <servlet-class>%s</servlet-class>
        </servlet>
        <servlet-mapping>
          <servlet-name>owns</servlet-name>
          <url-pattern>/owns</url-pattern>
        </servlet-mapping>
      """
          .formatted(
              LibraryListener.class.getName(),
              LoadsServlet.class.getName(),
              OwnsServlet.class.getName());
  private static final String BEANS_XML =
      """
      <beans xmlns="https://jakarta.ee/xml/ns/jakartaee" version="3.0"
             bean-discovery-mode="annotated"/>
      """;
  private static final String LIBRARIES_PART =
      """
        <servlet>
          <servlet-name>libraries</servlet-name>
          <servlet-class>%s</servlet-class>
        </servlet>
        <servlet-mapping>
          <servlet-name>libraries</servlet-name>
          <url-pattern>/libraries</url-pattern>
        </servlet-mapping>
      """
          .formatted(LibrariesServlet.class.getName());

  /** Open Liberty refuses to map a servlet that only a fragment declares. */
  private static final String MOVED_HEALTH =
      """
        <servlet>
          <servlet-name>geecache-health</servlet-name>
          <servlet-class>geecache.web.HealthServlet</servlet-class>
        </servlet>
        <servlet-mapping>
          <servlet-name>geecache-health</servlet-name>
          <url-pattern>/status/*</url-pattern>
        </servlet-mapping>
      """;

  private static final String LISTENER =
      """
        <listener><listener-class>%s</listener-class></listener>
      """;
  private static final String CONTEXT_PARAMETER =
      """
        <context-param>
          <param-name>%s</param-name>
          <param-value>%s</param-value>
        </context-param>
      """;
  private static final String FILTER =
      """
        <filter>
          <filter-name>blocking</filter-name>
          <filter-class>%s</filter-class>
        </filter>
        <filter-mapping>
          <filter-name>blocking</filter-name>
          <url-pattern>%s</url-pattern>
        </filter-mapping>
      """;

  private final Path directory;

  Wars(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
  }

  /** The product, exactly as built. */
  static Path product() {
    return TARGET.resolve("geecache.war").toAbsolutePath();
  }

  /** The product whose nodes speak the former version of the wire. */
  private static Path former() {
    String war = System.getProperty("former.war");
    if (war == null) {
      throw new IllegalStateException(
          "-Dformer.war= is missing: it/former-war builds and names it");
    }
    return Path.of(war);
  }

  /** The product behind a filter that forbids asynchronous requests; it tells its libraries. */
  Path blocking() throws IOException {
    Map<String, byte[]> entries = read(product());
    String webXml =
        new String(entries.get("WEB-INF/web.xml"), UTF_8)
            .replaceFirst("(?=<listener>)", filter("/*"))
            .replaceFirst("(?=<welcome-file-list>)", LIBRARIES_PART);
    entries.put("WEB-INF/web.xml", webXml.getBytes(UTF_8));
    addClass(entries, BlockingFilter.class);
    addClass(entries, LibrariesServlet.class);
    return write("blocking.war", entries);
  }

  /** An application that has geecache as a library among its own, and answers Go nodes. */
  Path library() throws IOException {
    return library("library.war", parameters(Map.of("geecache.groupcache", "true")));
  }

  /** The same, with geecache switched off. */
  Path disabledLibrary() throws IOException {
    return library("disabled.war", parameters(Map.of("geecache.enabled", "false")));
  }

  /**
   * The same, with a secret, with the group {@code gate} behind the filter, and with the health
   * checks at {@code /status}.
   */
  Path guardedLibrary() throws IOException {
    String parameters = parameters(Map.of("geecache.secret", Site.SECRET));
    String webXmlPart = parameters + filter("/_geecache/gate/*") + MOVED_HEALTH;
    return library("guarded.war", webXmlPart, BlockingFilter.class);
  }

  /** An application whose groups come from its beans. */
  Path beans() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("WEB-INF/beans.xml", BEANS_XML.getBytes(UTF_8));
    addClass(entries, GreetingGroup.class);
    addClass(entries, Greeter.class);
    addLibraries(entries);
    return write("beans.war", entries);
  }

  /** The product with these settings added to its own. */
  Path product(Map<String, String> settings) throws IOException {
    Map<String, byte[]> entries = read(product());
    String webXml =
        new String(entries.get("WEB-INF/web.xml"), UTF_8)
            .replaceFirst("(?=<listener>)", parameters(settings));
    entries.put("WEB-INF/web.xml", webXml.getBytes(UTF_8));
    return write("settings.war", entries);
  }

  /** The product with these settings in place of its own, and with the library's groups. */
  Path member(Map<String, String> settings) throws IOException {
    return member("member.war", product(), settings);
  }

  /** The same of the product whose nodes speak the former version of the wire. */
  Path formerMember(Map<String, String> settings) throws IOException {
    return member("former-member.war", former(), settings);
  }

  private Path member(String name, Path product, Map<String, String> settings) throws IOException {
    Map<String, byte[]> entries = product(product, settings, LIBRARY_PART);
    addLibraryPart(entries);
    return write(name, entries);
  }

  /** The same, with the driver of a database. */
  Path memberWithH2(Map<String, String> settings) throws IOException {
    Map<String, byte[]> entries = product(product(), settings, LIBRARY_PART);
    addLibraryPart(entries);
    URL h2 = org.h2.Driver.class.getProtectionDomain().getCodeSource().getLocation();
    entries.put("WEB-INF/lib/h2.jar", readAllBytes(Path.of(URI.create(h2.toString()))));
    return write("member-with-h2.war", entries);
  }

  /** The product with these settings in place of its own, and with one more listener. */
  Path with(Map<String, String> settings, Class<?> listener, Class<?>... more) throws IOException {
    Map<String, byte[]> entries =
        product(product(), settings, LISTENER.formatted(listener.getName()));
    addClass(entries, listener);
    for (Class<?> type : more) {
      addClass(entries, type);
    }
    return write("with.war", entries);
  }

  private static Map<String, byte[]> product(
      Path product, Map<String, String> settings, String part) throws IOException {
    Map<String, byte[]> entries = read(product);
    String webXml =
        new String(entries.get("WEB-INF/web.xml"), UTF_8)
            .replaceFirst("(?s)<context-param>.*</context-param>", parameters(settings))
            .replaceFirst("(?=<servlet>)", part);
    entries.put("WEB-INF/web.xml", webXml.getBytes(UTF_8));
    return entries;
  }

  /** The product, and a listener that leaves something behind. */
  Path leaking(String leak) throws IOException {
    return with(Map.of("geecache.demo", "true", "leak", leak), LeakingListener.class);
  }

  /** One static page. */
  Path page() throws IOException {
    return write("page.war", Map.of("index.html", "<!doctype html>".getBytes(UTF_8)));
  }

  private static String filter(String urlPattern) {
    return FILTER.formatted(BlockingFilter.class.getName(), urlPattern);
  }

  private static String parameters(Map<String, String> parameters) {
    StringBuilder xml = new StringBuilder();
    parameters.forEach((name, value) -> xml.append(CONTEXT_PARAMETER.formatted(name, value)));
    return xml.toString();
  }

  private Path library(String name, String webXmlPart, Class<?>... more) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    String webXml =
        LIBRARY_WEB_XML.formatted(webXmlPart, LIBRARY_PART, FrontServlet.class.getName());
    entries.put("WEB-INF/web.xml", webXml.getBytes(UTF_8));
    addLibraryPart(entries);
    addClass(entries, FrontServlet.class);
    for (Class<?> type : more) {
      addClass(entries, type);
    }
    addLibraries(entries);
    return write(name, entries);
  }

  private static void addLibraries(Map<String, byte[]> entries) throws IOException {
    for (Path jar : libraries()) {
      entries.put("WEB-INF/lib/" + jar.getFileName(), readAllBytes(jar));
    }
  }

  private static void addLibraryPart(Map<String, byte[]> entries) throws IOException {
    addClass(entries, LibraryListener.class);
    addClass(entries, LoadsServlet.class);
    addClass(entries, OwnsServlet.class);
    for (Class<?> type : LibraryListener.PARTS) {
      addClass(entries, type);
    }
  }

  private static List<Path> libraries() throws IOException {
    try (Stream<Path> runtime = Files.list(TARGET.resolve("war-libraries"))) {
      return Stream.concat(Stream.of(TARGET.resolve("geecache-classes.jar")), runtime)
          .sorted()
          .toList();
    }
  }

  private static void addClass(Map<String, byte[]> entries, Class<?> type) throws IOException {
    String file = type.getName().replace('.', '/') + ".class";
    try (InputStream in = Wars.class.getClassLoader().getResourceAsStream(file)) {
      if (in == null) {
        throw new IOException("no such class file: " + file);
      }
      entries.put("WEB-INF/classes/" + file, in.readAllBytes());
    }
  }

  private static Map<String, byte[]> read(Path war) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(war))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (!entry.isDirectory()) {
          entries.put(entry.getName(), in.readAllBytes());
        }
      }
    }
    return entries;
  }

  private Path write(String name, Map<String, byte[]> entries) throws IOException {
    Path war = directory.resolve(name);
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(war))) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        out.putNextEntry(new ZipEntry(entry.getKey()));
        out.write(entry.getValue());
        out.closeEntry();
      }
    }
    return war.toAbsolutePath();
  }
}
