package geecache.containers.library;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import javax.management.JMException;
import javax.management.ObjectName;

/** Leaves behind what the context parameter {@code leak} says. */
public final class LeakingListener implements ServletContextListener {
  private final ThreadLocal<LeakingListener> local = new ThreadLocal<>();

  /** Made by the container. */
  public LeakingListener() {}

  @Override
  public void contextInitialized(ServletContextEvent event) {
    String leak = event.getServletContext().getInitParameter("leak");
    try {
      switch (leak) {
        case "thread" -> leakThread();
        case "thread-local" -> local.set(this);
        case "shutdown-hook" -> Runtime.getRuntime().addShutdownHook(new Thread(() -> {}));
        case "mbean" -> leakMBean();
        case "driver" -> leakDriver();
        default -> throw new IllegalArgumentException("no such leak: " + leak);
      }
    } catch (JMException | SQLException refused) {
      throw new IllegalStateException(refused);
    }
  }

  private static void leakThread() {
    CountDownLatch never = new CountDownLatch(1);
    Thread thread =
        new Thread(
            () -> {
              try {
                never.await();
              } catch (InterruptedException end) {
                // Nobody interrupts it.
              }
            },
            "leaked-thread");
    thread.setDaemon(true);
    thread.start();
  }

  /** Of a class of the JDK's own: it keeps no class loader. */
  private static void leakMBean() throws JMException {
    ManagementFactory.getPlatformMBeanServer()
        .registerMBean(new javax.management.timer.Timer(), new ObjectName("leaked:type=Timer"));
  }

  private static void leakDriver() throws SQLException {
    DriverManager.registerDriver(
        (Driver)
            Proxy.newProxyInstance(
                LeakingListener.class.getClassLoader(),
                new Class<?>[] {Driver.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "equals" -> proxy == arguments[0];
                      case "hashCode" -> 1;
                      default -> "leaked driver";
                    }));
  }
}
