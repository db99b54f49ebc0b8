package geecache.web;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;

/**
 * Tells whether a request or a response has the stream of the container. Containers wrap both too,
 * but leave the streams as they are. A filter in front may have put a stream of its own there.
 */
final class ContainerStreams {
  private ContainerStreams() {}

  static boolean isOf(ServletRequest request) {
    ServletRequest inner = request;
    while (inner instanceof ServletRequestWrapper wrapper) {
      if (hasOwn(wrapper.getClass(), "getInputStream", ServletRequestWrapper.class)) {
        return false;
      }
      inner = wrapper.getRequest();
    }
    return true;
  }

  static boolean isOf(ServletResponse response) {
    ServletResponse inner = response;
    while (inner instanceof ServletResponseWrapper wrapper) {
      if (hasOwn(wrapper.getClass(), "getOutputStream", ServletResponseWrapper.class)) {
        return false;
      }
      inner = wrapper.getResponse();
    }
    return true;
  }

  private static boolean hasOwn(Class<?> wrapper, String getter, Class<?> plain) {
    try {
      return wrapper.getMethod(getter).getDeclaringClass() != plain;
    } catch (NoSuchMethodException impossible) {
      throw new AssertionError("every request and response has a stream", impossible);
    }
  }
}
