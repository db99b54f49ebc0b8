package geecache.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.faults.Event.Get;
import java.io.Closeable;
import java.io.IOException;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.classic.methods.HttpDelete;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpPut;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;

/** One connection to one node, which is asked for what it has. For use by one thread. */
final class Caller implements Closeable {
  /** Past any deadline, so that a late answer is seen to be late. */
  private static final int PATIENCE_SECONDS = 20;

  private static final int LONGEST_TOLD = 200;
  private static final Pattern NODE = Pattern.compile("//node(\\d+):");

  private final Target target;
  private @Nullable CloseableHttpClient client;
  private int life;

  Caller(Target target) {
    this.target = target;
  }

  /** Returns the value, or what went wrong, with {@link Get#FAILED} before it. */
  String get(String key) {
    try {
      return send(
          new HttpGet(path(key)),
          response -> {
            String body = text(response);
            return response.getCode() == 200 ? body : failed(response.getCode() + " " + body);
          });
    } catch (IOException failure) {
      close();
      return failed(failure.toString());
    }
  }

  private static String failed(String why) {
    String line = why.strip().replaceAll("\\s+", " ");
    return Get.FAILED + line.substring(0, Math.min(line.length(), LONGEST_TOLD));
  }

  /** Returns the nodes that were not reached; null if that is not known. */
  @Nullable Set<Integer> remove(String key) {
    return change(new HttpDelete(path(key)));
  }

  /** As {@link #remove(String)}, with a new value. */
  @Nullable Set<Integer> set(String key, String value) {
    HttpPut request = new HttpPut(path(key));
    request.setEntity(new ByteArrayEntity(value.getBytes(UTF_8), null));
    return change(request);
  }

  /** As {@link #remove(String)}, of many keys in one call. */
  @Nullable Set<Integer> removeAll(Collection<String> keys) {
    HttpPost request = new HttpPost(target.url() + Controls.REMOVE);
    request.setEntity(new ByteArrayEntity(String.join("\n", keys).getBytes(UTF_8), null));
    return change(request);
  }

  private @Nullable Set<Integer> change(ClassicHttpRequest request) {
    request.setHeader("Authorization", "Bearer " + target.secret());
    try {
      return send(request, Caller::missed);
    } catch (IOException failure) {
      close();
      return null;
    }
  }

  private static @Nullable Set<Integer> missed(ClassicHttpResponse response) throws IOException {
    if (response.getCode() == 204) {
      return Set.of();
    }
    Matcher node = NODE.matcher(text(response));
    Set<Integer> missed = new TreeSet<>();
    while (response.getCode() == 502 && node.find()) {
      missed.add(Integer.parseInt(node.group(1)));
    }
    return missed.isEmpty() ? null : missed;
  }

  private static String text(ClassicHttpResponse response) throws IOException {
    return new String(EntityUtils.toByteArray(response.getEntity()), UTF_8);
  }

  private String path(String key) {
    return target.url() + "/_geecache/" + Versions.GROUP + "/" + key;
  }

  private <T> T send(ClassicHttpRequest request, HttpClientResponseHandler<T> handler)
      throws IOException {
    if (client == null || life != target.life()) {
      close();
      life = target.life();
      client = open();
    }
    return client.execute(request, handler);
  }

  private static CloseableHttpClient open() {
    return HttpClients.custom()
        .setDefaultRequestConfig(
            RequestConfig.custom().setResponseTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).build())
        .disableAutomaticRetries()
        .disableContentCompression()
        .disableCookieManagement()
        .disableRedirectHandling()
        .build();
  }

  @Override
  public void close() {
    if (client != null) {
      client.close(CloseMode.IMMEDIATE);
      client = null;
    }
  }
}
