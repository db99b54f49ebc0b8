package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.cluster.Acknowledgement;
import geecache.cluster.Changes;
import geecache.cluster.ChangesResult;
import geecache.cluster.HandedEntries;
import geecache.cluster.HandoverResult;
import geecache.cluster.LeaseAnswer;
import geecache.cluster.LeaseNews;
import geecache.cluster.LinkFailure;
import geecache.cluster.Meeting;
import geecache.cluster.NodeLink;
import geecache.cluster.Removal;
import geecache.cluster.SetResult;
import geecache.cluster.Standing;
import geecache.cluster.VersionVector;
import geecache.http.PeerClient.Question;
import geecache.http.Reply.Status;
import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to another node over HTTP. It reads many keys in one {@code POST}, or one at a time if
 * the options or the other node want that. It posts messages below {@code /_cluster/}.
 */
final class HttpNodeLink implements NodeLink {
  private static final Logger log = LoggerFactory.getLogger(HttpNodeLink.class);

  /** Two: while the answer to one request is read and handed out, the peer works on the other. */
  private static final int BATCH_READS = 2;

  private static final int BATCH_KEYS = 256;
  static final int LONGEST_ACKNOWLEDGEMENT = 4 << 20;
  private static final int LONGEST_RESULT = 64 << 10;

  private final String url;
  private final URI base;
  private final PeerClient client;
  private final PeerOptions options;
  private final BatchReader batches;
  private final KeyReader singles;

  /**
   * Whether the peer is asked for one key at a time. Written by readers; a stale read costs a
   * second request.
   */
  private volatile boolean oneByOne;

  /** Whether the node spoke version 1 when it was met last. Written by meetings. */
  private volatile boolean old;

  /**
   * Makes a link.
   *
   * @param url the base URL of the node, normalised
   * @param basePath where nodes are mapped below their base URLs, slashes included
   */
  HttpNodeLink(String url, PeerClient client, PeerOptions options, String basePath) {
    this.url = url;
    this.base = URI.create(url);
    this.client = client;
    this.options = options;
    this.batches = new BatchReader(url, client, basePath);
    this.singles = new KeyReader(url, client, basePath, options);
    this.oneByOne = isOneByOneByOptions();
  }

  private boolean isOneByOneByOptions() {
    return options.requests() == PeerOptions.Requests.GET;
  }

  @Override
  public int maxKeys() {
    return oneByOne ? 1 : BATCH_KEYS;
  }

  @Override
  public int maxReads() {
    return oneByOne ? options.connections() : BATCH_READS;
  }

  @Override
  public int maxReadsOfCallers() {
    return oneByOne ? 0 : Math.max(0, options.connections() - BATCH_READS);
  }

  @Override
  public boolean read(Batch batch, Answers answers) throws IOException {
    boolean single = oneByOne;
    if (single && batch.keys().size() > 1) { // Another reader found out since this batch was made.
      return false;
    }
    if (single) {
      singles.read(batch, answers);
    } else if (!batches.read(batch, answers)) {
      oneByOne = true;
      log.info(
          "{} does not accept batches of version 1: it is asked for one key at a time",
          ControlCharacters.escape(url));
      return false;
    }
    return true;
  }

  @Override
  public void renewConnections() {
    client.closeIdle();
  }

  @Override
  public Met meet(Meeting meeting, Duration limit) throws IOException {
    Answer answer = post("meet", ClusterCodec.meeting(meeting), limit, LONGEST_ACKNOWLEDGEMENT, 0);
    Acknowledgement acknowledgement = ClusterCodec.readAcknowledgement(answer.body());
    oneByOne = isOneByOneByOptions(); // The peer may run another build now.
    old = acknowledgement.known() == null;
    return new Met(answer.node(), acknowledgement);
  }

  @Override
  public ChangesResult change(Changes changes, Duration limit) throws IOException {
    if (old) {
      return changeOld(changes, limit);
    }
    Answer answer =
        post(
            "changes", ChangesCodec.changes(changes), limit, LONGEST_ACKNOWLEDGEMENT, changes.to());
    return ChangesCodec.readResult(answer.node(), answer.body());
  }

  /**
   * Tells changes to a node of version 1, in several messages: a clearing of everything in place of
   * a baseline, and removals group by group. It stores no values.
   */
  private ChangesResult changeOld(Changes changes, Duration limit) throws IOException {
    long end = System.nanoTime() + limit.toNanos();
    long node = changes.to();
    Map<Long, Long> known = new HashMap<>();
    Set<String> members = new LinkedHashSet<>();
    if (changes.baseline() != null) {
      Meeting clearing = new Meeting("", Standing.UNTOLD, 0, true, List.of());
      node =
          post("meet", ClusterCodec.meeting(clearing), limit, LONGEST_ACKNOWLEDGEMENT, node).node();
      known.putAll(changes.baseline().known().upTo());
    }
    for (Map.Entry<String, List<Removal>> some : byGroup(changes.removed()).entrySet()) {
      Answer answer =
          post(
              "change?group=" + some.getKey(),
              VersionOneCodec.change(some.getValue()),
              Duration.ofNanos(end - System.nanoTime()),
              LONGEST_ACKNOWLEDGEMENT,
              node);
      node = answer.node();
      members.addAll(ClusterCodec.readAcknowledgement(answer.body()).members());
    }
    changes.removed().forEach(removal -> known.put(removal.origin(), removal.number()));
    return new ChangesResult(
        node,
        0,
        Collections.nCopies(changes.sets().size(), SetResult.REFUSED),
        new VersionVector(known),
        Map.of(),
        List.copyOf(members));
  }

  private static Map<String, List<Removal>> byGroup(List<Removal> removed) {
    return removed.stream()
        .collect(Collectors.groupingBy(Removal::group, LinkedHashMap::new, Collectors.toList()));
  }

  @Override
  public HandoverResult handOver(String group, HandedEntries entries, Duration limit)
      throws IOException {
    Answer answer =
        post("handoff?group=" + group, HandoffCodec.entries(entries), limit, LONGEST_RESULT, 0);
    return HandoffCodec.readTaken(answer.body());
  }

  @Override
  public LeaseAnswer leases(LeaseNews news, Duration limit) throws IOException {
    Answer answer = post("leases", LeaseCodec.news(news), limit, LONGEST_RESULT, news.to());
    return LeaseCodec.readAnswer(answer.node(), answer.body());
  }

  private record Answer(long node, byte[] body) {}

  /**
   * Posts a message, and requires an answer with the status ok.
   *
   * @param to the id of the node that the message changes something on; 0 for none
   */
  private Answer post(String pathAndQuery, byte[] body, Duration limit, int longestAnswer, long to)
      throws IOException {
    Question question =
        Question.post(
            base,
            Request.Mapping.NODES.path() + pathAndQuery,
            new String[0],
            ClusterCodec.CONTENT_TYPE,
            body,
            limit);
    return client.ask(
        question,
        reply -> {
          byte[] answer = reply.bytes(longestAnswer);
          if (!reply.status().equals(Status.OK.token())) {
            throw failure(reply, answer, to);
          }
          return new Answer(reply.node(), answer);
        });
  }

  /**
   * A node that refuses what is meant for it takes no changes; any other may be a restarted one.
   */
  private static LinkFailure failure(PeerReply reply, byte[] answer, long to) {
    if (reply.code() == 401) {
      return LinkFailure.notAllowed("401: wrong or missing geecache.secret");
    }
    String why = reply.code() + ": " + new String(answer, UTF_8).strip();
    boolean notAllowed = reply.code() == 403 && to != 0 && reply.node() == to;
    return notAllowed ? LinkFailure.notAllowed(why) : LinkFailure.refused(why);
  }
}
