package dev.millrace;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.THROW_GENERIC_EXCEPTIONS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import java.io.ObjectInputStream;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;

/** The house of docs/architecture.md, checked on the compiled classes. A new domain adds its name to {@link #DOMAINS}. */
@AnalyzeClasses(packages = "dev.millrace", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    private static final String[] DOMAINS = {"spectra", "pcqm", "genome", "exafs", "kv", "metrics"};
    /** Nothing of these may import DJL; of a domain that trains only its datasets may, which is a rule of its own. */
    private static final String[] WITHOUT_ENGINE = {
        "kv",
        "metrics",
        "monitor",
        "dashboard",
        "central",
        "chart",
        "spool",
        "build",
        "tensor",
        "sqlite",
        "graph",
        "molecule"
    };

    @ArchTest
    static final ArchTests publicSurface = ArchTests.in(PublicSurfaceRules.class);

    @ArchTest
    static final ArchRule layers_dependOnlyDownwards = Architectures.layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .withOptionalLayers(true)
            .layer("cli")
            .definedBy("dev.millrace.cli")
            .layer("bench")
            .definedBy("dev.millrace.bench")
            .layer("training")
            .definedBy("dev.millrace.training")
            .layer("around metrics")
            .definedBy("dev.millrace.monitor", "dev.millrace.dashboard", "dev.millrace.central")
            .layer("model")
            .definedBy("dev.millrace.model")
            .layer("domains")
            .definedBy(packagesOf(DOMAINS))
            .layer("batch")
            .definedBy("dev.millrace.batch")
            .layer("build")
            .definedBy("dev.millrace.build")
            .layer("molecule")
            .definedBy("dev.millrace.molecule")
            .layer("graph")
            .definedBy("dev.millrace.graph")
            .layer("tensor")
            .definedBy("dev.millrace.tensor")
            .layer("sqlite")
            .definedBy("dev.millrace.sqlite")
            .layer("spool")
            .definedBy("dev.millrace.spool")
            .layer("chart")
            .definedBy("dev.millrace.chart")
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("bench")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("training")
            .mayOnlyBeAccessedByLayers("cli", "bench")
            .whereLayer("model")
            .mayOnlyBeAccessedByLayers("cli", "bench", "training")
            .whereLayer("around metrics")
            .mayOnlyBeAccessedByLayers("cli", "bench", "training")
            .whereLayer("domains")
            .mayOnlyBeAccessedByLayers("cli", "bench", "training", "around metrics", "model")
            .whereLayer("batch")
            .mayOnlyBeAccessedByLayers("cli", "bench", "training", "model", "domains")
            .whereLayer("build")
            .mayOnlyBeAccessedByLayers("cli", "bench", "domains", "batch")
            .whereLayer("build")
            .mayOnlyAccessLayers("sqlite")
            .whereLayer("tensor")
            .mayNotAccessAnyLayer()
            .whereLayer("sqlite")
            .mayNotAccessAnyLayer()
            .whereLayer("spool")
            .mayNotAccessAnyLayer()
            .whereLayer("chart")
            .mayNotAccessAnyLayer()
            .whereLayer("graph")
            .mayOnlyAccessLayers("tensor")
            .whereLayer("molecule")
            .mayOnlyAccessLayers("graph", "tensor");

    @ArchTest
    static final ArchRule packages_haveNoCycles =
            slices().matching("dev.millrace.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule packages_areFlat = classes()
            .that()
            .resideInAPackage("dev.millrace..")
            .should()
            .resideInAnyPackage("dev.millrace", "dev.millrace.*");

    @ArchTest
    static final ArchRule domains_onlyDatasetsImportDjl = noClasses()
            .that()
            .resideInAnyPackage(packagesOf(DOMAINS))
            .and(not(isPartOf("Dataset")))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.djl..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule packagesWithoutEngine_neverImportDjl = noClasses()
            .that()
            .resideInAnyPackage(packagesOf(WITHOUT_ENGINE))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.djl..");

    @ArchTest
    static final ArchRule nativeEngineCalls_liveInOneClassOfModel = noClasses()
            .that(not(resideInAPackage("dev.millrace.model")))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("ai.djl.pytorch.jni..", "ai.djl.pytorch.engine..");

    @ArchTest
    static void nativeEngineCalls_areMadeByOneClass(JavaClasses all) {
        Set<String> callers = all.stream()
                .filter(type -> type.getDirectDependenciesFromSelf().stream()
                        .anyMatch(dependency ->
                                dependency.getTargetClass().getPackageName().startsWith("ai.djl.pytorch.jni")))
                .map(ArchitectureTest::outermost)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(callers).as("classes that call ai.djl.pytorch.jni").hasSizeLessThanOrEqualTo(1);
    }

    @ArchTest
    static final ArchRule connections_areOpenedBySqliteOnly = noClasses()
            .that()
            .resideOutsideOfPackage("dev.millrace.sqlite")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.sql.DriverManager")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("javax.sql.DataSource")
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("org.sqlite..");

    @ArchTest
    static final ArchRule driver_isNeverGivenARawPath =
            noClasses().should().dependOnClassesThat().haveFullyQualifiedName("java.sql.DriverManager");

    @ArchTest
    static final ArchRule writeTransactions_areExplicit =
            noClasses().should().callMethod(java.sql.Connection.class, "setAutoCommit", boolean.class);

    @ArchTest
    static final ArchRule lz4_isSeenByTensorOnly = noClasses()
            .that()
            .resideOutsideOfPackage("dev.millrace.tensor")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("net.jpountz..");

    @ArchTest
    static final ArchRule lz4_usesTheSafeDecompressorOnly =
            noClasses().should().dependOnClassesThat().haveSimpleName("LZ4FastDecompressor");

    @ArchTest
    static final ArchRule picocliAndYaml_areSeenByCliOnly = noClasses()
            .that()
            .resideOutsideOfPackage("dev.millrace.cli")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("picocli..");

    @ArchTest
    static final ArchRule chemistryToolkit_isSeenByMoleculeOnly = noClasses()
            .that()
            .resideOutsideOfPackage("dev.millrace.molecule")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.openscience.cdk..");

    @ArchTest
    static final ArchRule nativeGpuCalls_liveWhereNvmlIsSpoken = noClasses()
            .that(not(describe("NVML", type -> outermost(type).startsWith("dev.millrace.monitor.Nvml"))))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.sun.jna..");

    @ArchTest
    static final ArchRule objects_areNeverDeserialized =
            noClasses().should().dependOnClassesThat().areAssignableTo(ObjectInputStream.class);

    @ArchTest
    static final ArchRule standardStreams_areUsedByCliOnly =
            noClasses().that().resideOutsideOfPackage("dev.millrace.cli").should(ACCESS_STANDARD_STREAMS);

    @ArchTest
    static final ArchRule exceptions_areNeverGeneric = noClasses()
            .should(THROW_GENERIC_EXCEPTIONS)
            .because("each exception type stands for something that a person can do");

    /* Java file I/O on a database that SQLite holds open drops its locks. What cannot be seen is which path is meant, so
    reading whole files is kept out of the packages that work on databases. */
    @ArchTest
    static final ArchRule databases_areNotReadAsFiles = noClasses()
            .that()
            .resideInAnyPackage("dev.millrace.sqlite", "dev.millrace.batch", "dev.millrace.metrics")
            .should()
            .callMethodWhere(describe(
                    "Files.readAllBytes, newInputStream or copy",
                    call -> call.getTargetOwner().isEquivalentTo(java.nio.file.Files.class)
                            && Set.of("readAllBytes", "newInputStream", "copy", "newByteChannel")
                                    .contains(call.getTarget().getName())));

    @ArchTest
    static final ArchRule leaves_areFinal = classes()
            .that()
            .areNotInterfaces()
            .and()
            .areNotEnums()
            .and()
            .areNotAnonymousClasses()
            .and(describe("nobody extends", type -> type.getSubclasses().isEmpty()))
            .should(be(describe(
                    "final",
                    type -> type.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.FINAL))));

    @ArchTest
    static void packages_areAllNullMarked(JavaClasses all) {
        Set<String> unmarked = all.stream()
                .map(JavaClass::getPackage)
                .filter(found -> found.getName().startsWith("dev.millrace."))
                .filter(found -> !found.isAnnotatedWith(NullMarked.class))
                .map(found -> found.getName())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(unmarked).as("packages without @NullMarked").isEmpty();
    }

    private static String[] packagesOf(String... names) {
        return java.util.Arrays.stream(names)
                .map(name -> "dev.millrace." + name)
                .toArray(String[]::new);
    }

    /** A class, or one nested in a class, whose outermost name ends so. */
    private static DescribedPredicate<JavaClass> isPartOf(String suffix) {
        return describe("part of a *" + suffix, type -> outermost(type).endsWith(suffix));
    }

    private static String outermost(JavaClass type) {
        return type.getName().replaceAll("\\$.*", "");
    }
}
