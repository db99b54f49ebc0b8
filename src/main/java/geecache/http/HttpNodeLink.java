package geecache.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.cluster.Acknowledgement;
import geecache.cluster.Change;
import geecache.cluster.HandedEntry;
import geecache.cluster.HandoverResult;
import geecache.cluster.LinkFailure;
import geecache.cluster.Meeting;
import geecache.cluster.NodeLink;
import geecache.http.PeerClient.Question;
import geecache.http.Reply.Status;
import geecache.internal.ControlCharacters;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
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
  private static final int LONGEST_ACKNOWLEDGEMENT = 4 << 20;
  private static final int LONGEST_RESULT = 64 << 10;

  /**
   * A longer meeting would be too long for some containers. It asks the peer to clear everything.
   */
  private static final int LONGEST_MEETING = 1 << 20;

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
    byte[] encoded = ClusterCodec.meeting(meeting);
    byte[] body =
        encoded.length > LONGEST_MEETING ? ClusterCodec.meeting(meeting.clearing()) : encoded;
    Answer answer = post("meet", body, limit, LONGEST_ACKNOWLEDGEMENT);
    oneByOne = isOneByOneByOptions(); // The peer may run another build now.
    return new Met(answer.node(), ClusterCodec.readAcknowledgement(answer.body()));
  }

  @Override
  public Acknowledgement change(String group, Change change, Duration limit) throws IOException {
    Answer answer =
        post("change?group=" + group, ClusterCodec.change(change), limit, LONGEST_ACKNOWLEDGEMENT);
    return ClusterCodec.readAcknowledgement(answer.body());
  }

  @Override
  public HandoverResult handOver(String group, List<HandedEntry> entries, Duration limit)
      throws IOException {
    Answer answer =
        post("handoff?group=" + group, HandoffCodec.entries(entries), limit, LONGEST_RESULT);
    return HandoffCodec.readTaken(answer.body());
  }

  private record Answer(long node, byte[] body) {}

  /** Posts a message, and requires an answer with the status ok. */
  private Answer post(String pathAndQuery, byte[] body, Duration limit, int longestAnswer)
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
            throw LinkFailure.refused(refusal(reply, answer));
          }
          return new Answer(reply.node(), answer);
        });
  }

  private static String refusal(PeerReply reply, byte[] answer) {
    String why =
        reply.code() == 401
            ? "wrong or missing geecache.secret"
            : new String(answer, UTF_8).strip();
    return reply.code() + ": " + why;
  }
}
