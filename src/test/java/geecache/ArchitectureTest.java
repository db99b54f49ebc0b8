package geecache;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import geecache.internal.Waiting;
import java.util.Collections;
import java.util.List;
import java.util.Timer;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchitectureTest {
  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("geecache");

  /** The test kit as it is published, without its own tests. */
  private static final JavaClasses KIT =
      new ClassFileImporter()
          .withImportOption(
              location -> !location.matches(Pattern.compile(".*Test(\\$.*)?\\.class")))
          .importPackages("geecache.testing");

  @Test
  void importsPointOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("spring")
        .definedBy("geecache.spring")
        .layer("web")
        .definedBy("geecache.web")
        .layer("node")
        .definedBy("geecache.node")
        .layer("settings")
        .definedBy("geecache.settings")
        .layer("http")
        .definedBy("geecache.http")
        .layer("cluster")
        .definedBy("geecache.cluster")
        .layer("membership")
        .definedBy("geecache.membership")
        .layer("metrics")
        .definedBy("geecache.metrics")
        .layer("tracing")
        .definedBy("geecache.tracing")
        .layer("snapshot")
        .definedBy("geecache.snapshot")
        .layer("source")
        .definedBy("geecache.source")
        .layer("core")
        .definedBy("geecache")
        .layer("cache")
        .definedBy("geecache.cache")
        .layer("codec")
        .definedBy("geecache.codec")
        .layer("ring")
        .definedBy("geecache.ring")
        .layer("internal")
        .definedBy("geecache.internal")
        .whereLayer("spring")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("web")
        .mayOnlyBeAccessedByLayers("spring")
        .whereLayer("node")
        .mayOnlyBeAccessedByLayers("web")
        .whereLayer("settings")
        .mayOnlyBeAccessedByLayers("web", "spring")
        .whereLayer("http")
        .mayOnlyBeAccessedByLayers("web", "node", "spring")
        .whereLayer("cluster")
        .mayOnlyBeAccessedByLayers("http", "metrics", "snapshot", "spring")
        .whereLayer("metrics")
        .mayOnlyBeAccessedByLayers("web", "node", "spring")
        .whereLayer("tracing")
        .mayOnlyBeAccessedByLayers("node")
        .whereLayer("membership")
        .mayOnlyBeAccessedByLayers("web", "node")
        .whereLayer("snapshot")
        .mayOnlyBeAccessedByLayers("web")
        .whereLayer("source")
        .mayOnlyBeAccessedByLayers("web")
        .whereLayer("core")
        .mayOnlyBeAccessedByLayers(
            "web",
            "node",
            "http",
            "cluster",
            "membership",
            "metrics",
            "tracing",
            "snapshot",
            "source",
            "spring")
        .whereLayer("cache")
        .mayOnlyBeAccessedByLayers("core")
        .whereLayer("codec")
        .mayOnlyBeAccessedByLayers("core", "spring")
        .whereLayer("ring")
        .mayOnlyBeAccessedByLayers("cluster")
        .whereLayer("internal")
        .mayNotAccessAnyLayer()
        .check(PRODUCT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "geecache",
        "geecache.cache",
        "geecache.cluster",
        "geecache.codec",
        "geecache.http",
        "geecache.internal",
        "geecache.membership",
        "geecache.metrics",
        "geecache.node",
        "geecache.ring",
        "geecache.settings",
        "geecache.snapshot",
        "geecache.spring",
        "geecache.tracing",
      })
  void classesOfAPackageFormNoCycle(String packageName) {
    assertThat(ClassCycles.in(PRODUCT, packageName)).isEmpty();
  }

  /**
   * The node has to know where the servlet is mapped, and where there is no listener the servlet
   * makes the node.
   */
  @Test
  void ofTheWebPackageOnlyTheServletAndTheNodeFormACycle() {
    assertThat(ClassCycles.in(PRODUCT, "geecache.web"))
        .containsExactly(new TreeSet<>(List.of("WebNode", "HTTPPoolServlet")));
  }

  /** So that whole clusters run inside a test, which gives them time, threads and chance. */
  @Test
  void theClusterHasNoSocketsTimeThreadsOrChanceOfItsOwn() {
    noClasses()
        .that()
        .resideInAPackage("geecache.cluster")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("java.net..", "javax.net..", "java.nio.channels..", "org.apache.."))
        .check(PRODUCT);
    noClasses()
        .that()
        .resideInAPackage("geecache.cluster")
        .should(haveTimeThreadsOrChanceOfTheirOwn())
        .check(PRODUCT);
  }

  /** Time, threads and chance are made where a node is put together, and nowhere else. */
  @Test
  void theEngineHasNoTimeThreadsOrChanceOfItsOwn() {
    noClasses()
        .that()
        .resideInAnyPackage("geecache", "geecache.cache")
        .and()
        .doNotBelongToAnyOf(Ticker.class, NodeParts.class, LoaderThreads.class)
        .should(haveTimeThreadsOrChanceOfTheirOwn())
        .check(PRODUCT);
  }

  /** {@link Waiting} is the one way to wait, so that a simulation can let another thread run. */
  @Test
  void theEngineWaitsForNoFutureByItself() {
    noClasses()
        .that()
        .resideInAnyPackage("geecache", "geecache.cluster")
        .should()
        .callMethod(CompletableFuture.class, "get")
        .orShould()
        .callMethod(CompletableFuture.class, "get", long.class, TimeUnit.class)
        .check(PRODUCT);
    noClasses()
        .that()
        .resideInAPackage("geecache")
        .should()
        .callMethod(CompletableFuture.class, "join")
        .check(PRODUCT);
  }

  private static ArchCondition<JavaClass> haveTimeThreadsOrChanceOfTheirOwn() {
    return ArchConditions.callMethodWhere(
            DescribedPredicate.<JavaMethodCall>describe(
                "reads a clock, makes a thread or draws a number",
                call -> isOwnTimeThreadOrChance(call.getTarget())))
        .or(
            ArchConditions.callConstructorWhere(
                DescribedPredicate.describe(
                    "makes a thread or a source of random numbers",
                    call -> isThreadOrChance(call.getTargetOwner()))));
  }

  private static boolean isOwnTimeThreadOrChance(CodeUnitCallTarget target) {
    JavaClass owner = target.getOwner();
    boolean clock =
        owner.isEquivalentTo(System.class)
            && (target.getName().equals("nanoTime")
                || target.getName().equals("currentTimeMillis"));
    boolean now = owner.getPackageName().equals("java.time") && target.getName().equals("now");
    boolean pool =
        owner.isEquivalentTo(Executors.class) || owner.isEquivalentTo(ForkJoinPool.class);
    boolean uuid = owner.isEquivalentTo(UUID.class) && target.getName().equals("randomUUID");
    boolean chance =
        owner.isEquivalentTo(ThreadLocalRandom.class)
            || (owner.isEquivalentTo(Math.class) && target.getName().equals("random"))
            || (owner.isEquivalentTo(Collections.class) && target.getName().equals("shuffle"));
    return clock || now || pool || uuid || chance;
  }

  private static boolean isThreadOrChance(JavaClass made) {
    return made.isAssignableTo(Thread.class)
        || made.isAssignableTo(ThreadFactory.class)
        || made.isAssignableTo(ExecutorService.class)
        || made.isAssignableTo(Timer.class)
        || made.isAssignableTo(RandomGenerator.class);
  }

  /** A builder makes its class, which has the method that begins to build. */
  @Test
  void ofTheSourcesOnlyAClassAndItsBuilderFormACycle() {
    assertThat(ClassCycles.in(PRODUCT, "geecache.source"))
        .containsExactlyInAnyOrder(
            new TreeSet<>(List.of("ChangeTable", "ChangeTableBuilder")),
            new TreeSet<>(List.of("HttpGetter", "HttpGetterBuilder")),
            new TreeSet<>(List.of("JdbcGetter", "JdbcGetterBuilder")),
            new TreeSet<>(List.of("PostgresInvalidation", "PostgresInvalidationBuilder")));
  }

  @Test
  void onlyTheWebPackageAndSpringKnowServlets() {
    noClasses()
        .that()
        .resideOutsideOfPackages("geecache.web", "geecache.spring")
        .and()
        .doNotBelongToAnyOf(Geecache.class)
        .should()
        .dependOnClassesThat(resideInAPackage("jakarta.servlet.."))
        .check(PRODUCT);
  }

  /** So that all else works where it is absent, and JMX too. */
  @Test
  void onlyMetersAndTheContextOfLoadsKnowMicrometer() {
    noClasses()
        .that()
        .resideOutsideOfPackage("geecache.metrics")
        .and()
        .haveNameNotMatching(
            "geecache\\.(node\\.MicrometerContext|spring\\.ActuatorAutoConfiguration)(\\$.*)?")
        .or()
        .haveNameMatching(".*(MXBean|Beans?)(\\$.*)?")
        .should()
        .dependOnClassesThat(resideInAnyPackage("io.micrometer..", "io.prometheus.."))
        .check(PRODUCT);
  }

  /** So that nobody else needs Spring on the class path. */
  @Test
  void onlyThePackageForSpringKnowsSpring() {
    noClasses()
        .that()
        .resideOutsideOfPackage("geecache.spring")
        .should()
        .dependOnClassesThat(resideInAPackage("org.springframework.."))
        .check(PRODUCT);
  }

  /** So that all else works where it is absent. */
  @Test
  void onlyTracingKnowsOpenTelemetry() {
    noClasses()
        .that()
        .resideOutsideOfPackage("geecache.tracing")
        .and()
        .haveNameNotMatching("geecache\\.internal\\.TraceHeaders(\\$.*)?")
        .should()
        .dependOnClassesThat(resideInAPackage("io.opentelemetry.."))
        .check(PRODUCT);
  }

  /** {@link Geecache#of} names the place where an application finds its node, and that is all. */
  @Test
  void ofServletsTheNodeKnowsOneType() {
    noClasses()
        .that()
        .areAssignableTo(Geecache.class)
        .should()
        .dependOnClassesThat(
            resideInAPackage("jakarta.servlet..")
                .and(
                    DescribedPredicate.describe(
                        "are not ServletContext",
                        c -> !c.getFullName().equals("jakarta.servlet.ServletContext"))))
        .check(PRODUCT);
  }

  @Test
  void theTestKitNeedsTheProductAndJettyAlone() {
    classes()
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                    "geecache.testing",
                    "java..",
                    "jakarta.servlet..",
                    "org.eclipse.jetty..",
                    "javax.net.ssl",
                    "org.jspecify..")
                .or(DescribedPredicate.describe("are the product's", c -> isIn(PRODUCT, c))))
        .check(KIT);
  }

  private static boolean isIn(JavaClasses classes, JavaClass one) {
    return classes.contain(one.getName());
  }

  @Test
  void noStaticHoldsState() {
    fields().that().areStatic().should().beFinal().check(PRODUCT);
    fields().that().areStatic().should().beFinal().check(KIT);
  }

  @Test
  void everyPackageIsNullMarked() {
    assertThat(Stream.concat(PRODUCT.stream(), KIT.stream()).map(c -> c.getPackage()).distinct())
        .allSatisfy(p -> assertThat(p.isAnnotatedWith(NullMarked.class)).isTrue());
  }

  @Test
  void concreteClassesAreFinalOrSealed() {
    classes()
        .that()
        .doNotHaveModifier(JavaModifier.ABSTRACT)
        .and()
        .areNotAnonymousClasses()
        .and()
        .areNotEnums()
        .and(DescribedPredicate.describe("are not sealed", type -> !type.reflect().isSealed()))
        .should()
        .haveModifier(JavaModifier.FINAL)
        .check(PRODUCT);
  }
}
