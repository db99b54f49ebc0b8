/** What tracing systems are told, by the OpenTelemetry API. */
@NullMarked
package geecache.tracing;

import org.jspecify.annotations.NullMarked;
