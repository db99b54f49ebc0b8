package geecache.metrics;

import geecache.Geecache;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The meters of one node, as Prometheus reads them. Safe for use by many threads. */
public final class PrometheusPage implements AutoCloseable {
  private final ExpositionFormats formats = ExpositionFormats.init();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /** Makes the page of {@code node}, with a registry of its own. */
  public PrometheusPage(Geecache node) {
    new GeecacheMetrics(node).bindTo(registry);
  }

  /**
   * The page in one format.
   *
   * @param contentType the media type of that format
   */
  public record Text(String contentType, byte[] body) {}

  /**
   * Returns the page with the numbers of now.
   *
   * @param accept the header of the request: OpenMetrics if it asks for that, else Prometheus' own
   *     text format
   */
  public Text read(@Nullable String accept) {
    ExpositionFormatWriter writer = writerFor(accept);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try {
      writer.write(body, registry.getPrometheusRegistry().scrape());
    } catch (IOException impossible) {
      throw new AssertionError("memory takes every byte", impossible);
    }
    return new Text(writer.getContentType(), body.toByteArray());
  }

  /** Never that of protobuf, for which the WAR has no library: what asks for it takes text too. */
  private ExpositionFormatWriter writerFor(@Nullable String accept) {
    return formats.getOpenMetricsTextFormatWriter().accepts(accept)
        ? formats.getOpenMetricsTextFormatWriter()
        : formats.getPrometheusTextFormatWriter();
  }

  /** Ends the registry. */
  @Override
  public void close() {
    registry.close();
  }
}
