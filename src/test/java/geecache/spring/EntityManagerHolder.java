package geecache.spring;

/** A session of a web request, known by the end of its class's name, as JPA binds it. */
final class EntityManagerHolder {}
