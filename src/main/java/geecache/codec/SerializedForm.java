package geecache.codec;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputFilter.FilterInfo;
import java.io.ObjectInputFilter.Status;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.StreamCorruptedException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Java's serialization of the objects of a few classes. Bytes that name any other are refused. */
final class SerializedForm {
  private static final int MOST_DEPTH = 100;
  private static final int MOST_OBJECTS = 1_000_000;

  private static final List<Class<?>> ALWAYS =
      List.of(
          String.class,
          Number.class,
          Boolean.class,
          Character.class,
          Byte.class,
          Short.class,
          Integer.class,
          Long.class,
          Float.class,
          Double.class,
          Enum.class,
          Object.class);

  private final ClassLoader loader;
  private final Set<Class<?>> allowed = new HashSet<>(ALWAYS);

  SerializedForm(Class<?> type, Collection<Class<?>> allowed) {
    this.loader = type.getClassLoader();
    this.allowed.add(itemOf(type));
    allowed.forEach(each -> this.allowed.add(itemOf(each)));
  }

  /** Returns what an array of any depth is made of, and any other class itself. */
  private static Class<?> itemOf(Class<?> type) {
    Class<?> item = type;
    while (item.isArray()) {
      item = item.componentType();
    }
    return item;
  }

  byte[] write(Object value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream objects = new ObjectOutputStream(bytes)) {
      objects.writeObject(value);
    }
    return bytes.toByteArray();
  }

  Object read(byte[] bytes) throws IOException, ClassNotFoundException {
    try (AllowedObjects objects = new AllowedObjects(bytes)) {
      Object value = objects.readObject();
      if (objects.read() != -1) {
        throw new StreamCorruptedException("something follows the object");
      }
      return value;
    }
  }

  private Status decide(FilterInfo info, long items, int length) {
    if (info.depth() > MOST_DEPTH || info.references() > MOST_OBJECTS || items > length) {
      return Status.REJECTED; // Arrays have at least one byte for each item.
    }
    Class<?> type = info.serialClass();
    if (type == null) {
      return Status.UNDECIDED;
    }
    Class<?> item = itemOf(type);
    return item.isPrimitive() || allowed.contains(item) ? Status.ALLOWED : Status.REJECTED;
  }

  /** Finds classes where the type of the values is from, and makes none but the allowed ones. */
  private final class AllowedObjects extends ObjectInputStream {
    /** How many items all arrays so far announce. */
    private long items;

    AllowedObjects(byte[] bytes) throws IOException {
      super(new ByteArrayInputStream(bytes));
      ObjectInputFilter ours =
          info -> {
            items += Math.max(0, info.arrayLength());
            return decide(info, items, bytes.length);
          };
      ObjectInputFilter theirs = getObjectInputFilter(); // That of the JVM, if it has one.
      setObjectInputFilter(theirs == null ? ours : ObjectInputFilter.merge(ours, theirs));
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass description)
        throws IOException, ClassNotFoundException {
      try {
        return Class.forName(description.getName(), false, loader);
      } catch (ClassNotFoundException notThere) {
        return super.resolveClass(description);
      }
    }
  }
}
