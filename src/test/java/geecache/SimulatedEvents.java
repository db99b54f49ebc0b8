package geecache;

import java.util.Arrays;

/**
 * What will happen in a {@link SimulatedWorld}, in the order of time; of two events at the same
 * time, the one that was added first. A heap whose events know their place, so that an event that
 * will not happen can be taken out: most waits end long before their time is over.
 */
final class SimulatedEvents {
  /** Something that happens at its time. */
  static final class Event {
    private final long at;
    private final long number;
    private final Runnable action;
    private int place;

    private Event(long at, long number, Runnable action) {
      this.at = at;
      this.number = number;
      this.action = action;
    }

    private boolean isBefore(Event other) {
      return at != other.at ? at < other.at : number < other.number;
    }

    void run() {
      action.run();
    }
  }

  private Event[] heap = new Event[64];
  private int size;
  private long count;

  boolean isEmpty() {
    return size == 0;
  }

  /** Returns the time of the first event. */
  long first() {
    return heap[0].at;
  }

  Event add(long at, Runnable action) {
    Event event = new Event(at, count++, action);
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, 2 * size);
    }
    event.place = size++;
    raise(event);
    return event;
  }

  /** Takes the first event out. */
  Event poll() {
    Event first = heap[0];
    remove(first);
    return first;
  }

  /** Takes an event out, unless it has been taken out before. */
  void remove(Event event) {
    int place = event.place;
    if (place < 0) {
      return;
    }
    event.place = -1;
    Event last = heap[--size];
    heap[size] = null;
    if (last != event) {
      last.place = place;
      raise(last);
      lower(last);
    }
  }

  private void raise(Event event) {
    int place = event.place;
    while (place > 0) {
      int parent = (place - 1) >>> 1;
      if (!event.isBefore(heap[parent])) {
        break;
      }
      put(heap[parent], place);
      place = parent;
    }
    put(event, place);
  }

  private void lower(Event event) {
    int place = event.place;
    for (int child = 2 * place + 1; child < size; child = 2 * place + 1) {
      if (child + 1 < size && heap[child + 1].isBefore(heap[child])) {
        child++;
      }
      if (!heap[child].isBefore(event)) {
        break;
      }
      put(heap[child], place);
      place = child;
    }
    put(event, place);
  }

  private void put(Event event, int place) {
    heap[place] = event;
    event.place = place;
  }
}
