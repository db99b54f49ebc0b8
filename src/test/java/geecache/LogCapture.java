package geecache;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Keeps the messages that one class or package logs, until it is closed. */
public final class LogCapture implements AutoCloseable {
  private final Logger logger;
  private final Level formerLevel;
  private final List<String> messages = new CopyOnWriteArrayList<>();
  private final StringWriter traces = new StringWriter();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          messages.add(record.getLevel() + " " + record.getMessage());
          if (record.getThrown() != null) {
            record.getThrown().printStackTrace(new PrintWriter(traces, true));
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  /** Captures what {@code source} logs at {@code level} or above. */
  public LogCapture(Class<?> source, Level level) {
    this(source.getName(), level);
  }

  /** Captures what a class or package logs, by its name, at {@code level} or above. */
  public LogCapture(String source, Level level) {
    logger = Logger.getLogger(source);
    formerLevel = logger.getLevel();
    logger.setLevel(level);
    logger.addHandler(handler);
  }

  /** Returns the stack traces so far, as a log prints them. */
  public String traces() {
    return traces.toString();
  }

  /** Returns the lines so far, each with its java.util.logging level in front. */
  public List<String> messages() {
    return messages;
  }

  @Override
  public void close() {
    logger.removeHandler(handler);
    logger.setLevel(formerLevel);
  }
}
