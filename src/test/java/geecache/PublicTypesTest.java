package geecache;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which public types are a promise to users, and which are public for other packages only. */
class PublicTypesTest {
  private static final Set<String> API =
      names(
          """
          geecache.AsyncLoader
          geecache.BulkGetter
          geecache.BulkLoader
          geecache.ByteView
          geecache.CacheException
          geecache.Cached
          geecache.CachedValue
          geecache.ClosedException
          geecache.Geecache
          geecache.Getter
          geecache.Group
          geecache.GroupBuilder
          geecache.GroupProvider
          geecache.GroupStats
          geecache.KeyNotFoundException
          geecache.LoadException
          geecache.LoadTimeoutException
          geecache.Loader
          geecache.NotReachedException
          geecache.OverloadedException
          geecache.PeerPicker
          geecache.Stamp
          geecache.ThreadKind
          geecache.Ticker
          geecache.Tracing
          geecache.TransactionAge
          geecache.TypedAsyncLoader
          geecache.TypedBulkGetter
          geecache.TypedBulkLoader
          geecache.TypedGetter
          geecache.TypedGroupBuilder
          geecache.TypedLoader
          geecache.Unchecked
          geecache.Value
          geecache.ValueTooLargeException
          geecache.codec.Codec
          geecache.codec.KeyCodec
          geecache.cluster.LeaveReport
          geecache.cluster.PeerStats
          geecache.http.HTTPPool
          geecache.http.PeerOptions
          geecache.http.Reply
          geecache.http.Request
          geecache.http.Secrets
          geecache.http.TlsStores
          geecache.membership.DnsMembership
          geecache.membership.DnsOptions
          geecache.membership.JGroupsMembership
          geecache.membership.JGroupsOptions
          geecache.membership.Membership
          geecache.membership.StaticMembership
          geecache.metrics.GeecacheMetrics
          geecache.metrics.GroupMXBean
          geecache.metrics.NodeBeans
          geecache.metrics.NodeMXBean
          geecache.node.GeecacheBuilder
          geecache.snapshot.KeySnapshots
          geecache.snapshot.SnapshotOptions
          geecache.snapshot.WarmingProgress
          geecache.source.AfterCommit
          geecache.source.ChangeTable
          geecache.source.ChangeTableBuilder
          geecache.source.Database
          geecache.source.HttpGetter
          geecache.source.HttpGetterBuilder
          geecache.source.JdbcGetter
          geecache.source.JdbcGetterBuilder
          geecache.source.JtaAfterCommit
          geecache.source.PostgresInvalidation
          geecache.source.PostgresInvalidationBuilder
          geecache.spring.GeecacheAutoConfiguration
          geecache.spring.GeecacheCacheManager
          geecache.spring.KeyText
          geecache.tracing.OpenTelemetryTracing
          geecache.web.GeecacheListener
          geecache.web.HTTPPoolServlet
          geecache.web.HealthServlet
          geecache.web.MetricsServlet
          geecache.web.PageHeadersFilter
          geecache.web.ServletOptions
          """);

  /** Of a package that has API too; the packages below have none but what is listed above. */
  private static final Set<String> FOR_OTHER_PACKAGES =
      names(
          """
          geecache.Cluster
          geecache.GroupDurations
          geecache.LeaseEnd
          geecache.LeaseGiven
          geecache.LocalGroup
          geecache.LocalNode
          geecache.NodeListener
          geecache.OwnedBytes
          geecache.Peer
          geecache.PeerValue
          geecache.membership.SealedTcp
          geecache.membership.SealedUdp
          geecache.metrics.PrometheusPage
          geecache.web.ConfiguredNode
          """);

  private static final Set<String> PACKAGES_FOR_OTHERS =
      names(
          """
          geecache.cache
          geecache.cluster
          geecache.internal
          geecache.ring
          geecache.settings
          """);

  private static final Set<String> PUBLIC =
      new ClassFileImporter()
              .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
              .importPackages("geecache")
              .stream()
              .filter(type -> type.isTopLevelClass())
              .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
              .map(JavaClass::getName)
              .collect(Collectors.toCollection(TreeSet::new));

  @Test
  void everyTypeThatUsersAreNotPromisedIsPublicForAnotherPackage() {
    assertThat(PUBLIC.stream().filter(Predicate.not(API::contains)))
        .allMatch(
            type ->
                FOR_OTHER_PACKAGES.contains(type) || PACKAGES_FOR_OTHERS.contains(packageOf(type)));
  }

  @Test
  void everyListedTypeIsPublic() {
    assertThat(PUBLIC).containsAll(API).containsAll(FOR_OTHER_PACKAGES);
  }

  @Test
  void theDocumentNamesWhatIsPublicForOtherPackages() throws IOException {
    String document = Files.readString(Path.of("docs/architecture.md"));
    String section = document.substring(document.indexOf("## Public for other rooms"));
    assertThat(FOR_OTHER_PACKAGES)
        .allSatisfy(type -> assertThat(section).contains('`' + simpleName(type) + '`'));
    assertThat(PACKAGES_FOR_OTHERS)
        .allSatisfy(name -> assertThat(section).contains("| `" + name + "` |"));
    assertThat(API.stream().filter(type -> PACKAGES_FOR_OTHERS.contains(packageOf(type))))
        .isNotEmpty()
        .allSatisfy(type -> assertThat(section).contains('`' + simpleName(type) + '`'));
  }

  private static String packageOf(String type) {
    return type.substring(0, type.lastIndexOf('.'));
  }

  private static String simpleName(String type) {
    return type.substring(type.lastIndexOf('.') + 1);
  }

  private static Set<String> names(String lines) {
    return new TreeSet<>(Arrays.asList(lines.split("\n")));
  }
}
