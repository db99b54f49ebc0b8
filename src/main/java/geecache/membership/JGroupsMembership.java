package geecache.membership;

import geecache.internal.ControlCharacters;
import geecache.internal.DaemonThreads;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jgroups.Address;
import org.jgroups.JChannel;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jgroups.util.Util;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes are the members of a JGroups cluster, which finds them, notices who is gone, and has
 * all agree on it. Nothing travels over JGroups but what it needs itself: a member's address has
 * the URL of its node, and so has the view.
 *
 * <p>Without a secret, whoever reaches the traffic can join, and so become an owner of keys.
 */
public final class JGroupsMembership implements Membership {
  private static final Logger log = LoggerFactory.getLogger(JGroupsMembership.class);
  private static final long RETRY_SECONDS = 2;
  private static final long CLOSE_MILLIS = 10_000;

  private final JGroupsOptions options;
  private final String url;
  private final long id;
  private final Strangers strangers = new Strangers();

  /** Replaced by the thread that joins, as one that failed to is of no use any more. */
  private volatile JChannel channel;

  private final Thread joining = DaemonThreads.single("geecache-membership-jgroups", this::join);
  private final CountDownLatch closed = new CountDownLatch(1);

  /** URLs of which it was said that two members have them. Used as the views come, in turn. */
  private final Set<String> doubles = new HashSet<>();

  /**
   * Joins nothing yet. Needs {@code org.jgroups:jgroups}.
   *
   * @param url this node's base URL, at most 255 bytes
   * @param id what tells this node from all others
   * @throws IllegalArgumentException if the URL is too long, or JGroups refuses its configuration
   */
  public JGroupsMembership(JGroupsOptions options, String url, long id) {
    MemberAddress.of(url, id);
    this.options = options;
    this.url = url;
    this.id = id;
    channel = newChannel();
    if (options.secrets().isEmpty()) {
      log.warn(
          "JGroups runs without a secret: whoever reaches its ports can join the cluster, until"
              + " geecache.secret is set on all nodes");
    }
  }

  private JChannel newChannel() {
    return Channels.channel(options, strangers)
        .addAddressGenerator(() -> MemberAddress.of(url, id))
        .setName(url);
  }

  /** Returns what was dropped so far, and was not believed. */
  Strangers strangers() {
    return strangers;
  }

  /** Returns the channel, for tests to cut. */
  JChannel channel() {
    return channel;
  }

  @Override
  public void start(Consumer<? super Collection<String>> views) {
    channel.setReceiver(
        new Receiver() {
          @Override
          public void viewAccepted(View view) {
            show(view, views);
          }
        });
    joining.start();
  }

  private void show(View view, Consumer<? super Collection<String>> views) {
    Set<String> urls = new TreeSet<>();
    for (Address member : view.getMembers()) {
      String url = MemberAddress.url(member);
      if (url == null) {
        log.warn(
            "{} is a member of {} and no node: it is left out", shown(member), options.cluster());
      } else if (!urls.add(url) && doubles.add(url)) {
        log.warn(
            "two members are at {} (ids {}): one has just been replaced, or geecache.self is the"
                + " same on two nodes",
            ControlCharacters.escape(url),
            ids(view, url));
      }
    }
    if (closed.getCount() == 0) {
      return;
    }
    log.info("the nodes of {} are {}", options.cluster(), shown(urls));
    try {
      views.accept(urls);
    } catch (IllegalArgumentException refused) { // Without a secret, members are anybody.
      log.warn("the view is refused: {}", ControlCharacters.escape(refused.getMessage()));
    }
  }

  private static String shown(Object something) {
    return ControlCharacters.escape(String.valueOf(something));
  }

  private static Collection<String> ids(View view, String url) {
    return view.getMembers().stream()
        .filter(member -> url.equals(MemberAddress.url(member)))
        .map(member -> shown(MemberAddress.id(member)))
        .toList();
  }

  /** Joins, which may take seconds, and fail where a port is still taken by who was here before. */
  private void join() {
    String trouble = "";
    Receiver receiver = channel.getReceiver();
    try {
      do {
        try {
          if (channel.isClosed()) {
            channel = newChannel().setReceiver(receiver); // Which may read a file that is gone.
          }
          channel.connect(options.cluster());
          return;
        } catch (Exception failure) { // As JGroups declares it.
          Util.close(channel);
          String why = String.valueOf(failure.getMessage());
          if (!why.equals(trouble) && closed.getCount() > 0) {
            log.error("cannot join {}, and tries again: {}", options.cluster(), why);
          }
          trouble = why;
        }
      } while (!closed.await(RETRY_SECONDS, TimeUnit.SECONDS));
    } catch (InterruptedException interrupt) {
      // It is closed.
    }
  }

  @Override
  public void close() {
    closed.countDown();
    joining.interrupt();
    try {
      joining.join(CLOSE_MILLIS);
      if (joining.isAlive()) {
        log.warn("JGroups is still joining {} beyond the end of the node", options.cluster());
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
    channel.close();
  }
}
