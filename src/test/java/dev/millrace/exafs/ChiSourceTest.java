package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.build.BuildProgress;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A database gives what its files give. The tree is synthetic: 4 frames of 3 absorbers with 25 paths each. */
final class ChiSourceTest {
    private static final int FRAMES = 4;
    private static final int ATOMS = 3;
    private static final int PATHS = 25;

    @TempDir
    static Path shared;

    private static Path tree = Path.of("");
    private static Path database = Path.of("");

    @TempDir
    Path folder;

    @BeforeAll
    static void write() throws IOException {
        tree = shared.resolve("tree");
        new ExafsSample(FRAMES, ATOMS, PATHS, 7).write(tree, 2, BuildProgress.NONE);
        database = shared.resolve("chi.db");
        new ExafsBuilder().setTree(tree).setDatabase(database).build();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void average_randomCriteria_isTheSameFromDatabaseAndFiles(int seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        try (ChiSource files = files(ChiRequest.AS_STORED);
                ChiSource stored = ChiSource.openDatabase(database, ChiRequest.AS_STORED)) {
            Choice choice = Choice.of(stored);
            int matching = 0;
            for (int i = 0; i < 25; i++) {
                PathCriteria criteria = choice.criteria(random);
                for (ChiAverage.Denominator denominator : ChiAverage.Denominator.values()) {
                    for (ChiAverage.Aggregation aggregation : List.of(
                            ChiAverage.Aggregation.MEAN_OVER_ATOMS,
                            ChiAverage.Aggregation.MEAN_OF_PATHS,
                            ChiAverage.Aggregation.SUM_OF_PATHS)) {
                        ChiAverage one = ChiAverage.of(files, criteria, aggregation, denominator);
                        ChiAverage other = ChiAverage.of(stored, criteria, aggregation, denominator);

                        assertThat(other.chi()).as(criteria.toString()).isEqualTo(one.chi());
                        assertThat(other.standardError()).isEqualTo(one.standardError());
                        assertThat(other.paths()).isEqualTo(one.paths());
                        assertThat(other.atoms()).isEqualTo(one.atoms());
                        assertThat(other.allAtoms()).isEqualTo(one.allAtoms());
                        matching += one.isEmpty() ? 0 : 1;
                    }
                }
                assertThat(withoutIds(stored, criteria)).isEqualTo(withoutIds(files, criteria));
            }
            assertThat(matching).as("criteria that match something").isGreaterThan(25);
        }
    }

    @Test
    void paths_severalCriteriaOfOnePath_countItOnce() throws IOException {
        PathCriterion all = PathCriterion.ANY;
        PathCriteria doubled = new PathCriteria(List.of(all.reff(0, 100), all.frames(NumberRanges.of(0, 1)), all));
        for (ChiSource source : both(ChiRequest.AS_STORED)) {
            assertThat(mean(source, doubled).paths()).isEqualTo((long) FRAMES * ATOMS * PATHS);
            assertThat(mean(source, doubled).chi())
                    .isEqualTo(mean(source, PathCriteria.ALL).chi());
            source.close();
        }
    }

    @Test
    void average_emptySelection_isNoDataAndNeverAll() throws IOException {
        NumberRanges none = NumberRanges.of();
        List<PathCriterion> nothing = List.of(
                PathCriterion.ANY.frames(none),
                PathCriterion.ANY.frames(NumberRanges.halfOpen(500, 600)),
                PathCriterion.ANY.atoms(none),
                PathCriterion.ANY.numbers(none),
                PathCriterion.ANY.legCounts(none),
                PathCriterion.ANY.types(Set.of()),
                PathCriterion.ANY.types(Set.of("no-such")),
                PathCriterion.ANY.absorbers(Set.of()),
                PathCriterion.ANY.visited(Set.of()));
        for (ChiSource source : both(ChiRequest.AS_STORED)) {
            for (PathCriterion criterion : nothing) {
                ChiAverage average = mean(source, PathCriteria.of(criterion));
                assertThat(average.isEmpty()).as(criterion.toString()).isTrue();
                assertThat(average.chi()).isEmpty();
            }
            assertThat(mean(source, new PathCriteria(List.of())).isEmpty()).isTrue();
            assertThat(mean(source, PathCriteria.perType(List.of(), List.of(), List.of(4.0), PathCriterion.ANY))
                            .isEmpty())
                    .isTrue();
            source.close();
        }
    }

    @Test
    void average_frameRange_isHalfOpenFromDatabaseAndFiles() throws IOException {
        for (ChiSource source : both(ChiRequest.AS_STORED)) {
            PathCriteria two = PathCriteria.of(PathCriterion.ANY.frames(NumberRanges.halfOpen(1, 3)));
            assertThat(mean(source, two).atoms()).isEqualTo(2L * ATOMS);
            source.close();
        }
    }

    @Test
    void average_denominatorAll_countsAtomsWithoutAMatchAsZero() throws IOException {
        try (ChiSource source = ChiSource.openDatabase(database, ChiRequest.AS_STORED)) {
            List<Double> shortest = new ArrayList<>();
            source.paths(
                    PathCriteria.of(PathCriterion.ANY.numbers(NumberRanges.of(1))), path -> shortest.add(path.reff()));
            shortest.sort(null);
            PathCriteria some = PathCriteria.of(PathCriterion.ANY.reff(0, shortest.get(shortest.size() / 2)));
            ChiAverage matching = mean(source, some);
            ChiAverage all =
                    ChiAverage.of(source, some, ChiAverage.Aggregation.MEAN_OVER_ATOMS, ChiAverage.Denominator.ALL);
            List<double[]> curves = new ArrayList<>();
            source.sums(some, (frame, atom, count, chi) -> curves.add(chi.clone()));
            int total = FRAMES * ATOMS;
            assertThat(matching.atoms()).isBetween(1L, total - 1L);
            for (int k : new int[] {10, 100, 400}) {
                double mean = curves.stream().mapToDouble(curve -> curve[k]).sum() / total;
                double squares = curves.stream()
                                .mapToDouble(curve -> (curve[k] - mean) * (curve[k] - mean))
                                .sum()
                        + (total - curves.size()) * mean * mean;
                assertThat(all.chi()[k]).isCloseTo(mean, within(1e-15));
                assertThat(all.standardError()[k]).isCloseTo(Math.sqrt(squares / (total - 1) / total), within(1e-15));
            }
        }
    }

    @Test
    void average_wholeAtoms_comesFromTheirStoredSums() throws IOException {
        Path copy = copy("UPDATE chi SET chi_values = x'00' WHERE path_id % 2 = 0");
        try (ChiSource spoilt = ChiSource.openDatabase(copy, ChiRequest.AS_STORED);
                ChiSource sound = ChiSource.openDatabase(database, ChiRequest.AS_STORED)) {
            PathCriteria whole =
                    PathCriteria.of(PathCriterion.ANY.reff(0.5, 1000).frames(NumberRanges.of(0, 2)));

            assertThat(mean(spoilt, whole).chi()).isEqualTo(mean(sound, whole).chi());
            assertThatThrownBy(
                            () -> mean(spoilt, PathCriteria.of(PathCriterion.ANY.numbers(NumberRanges.closed(1, 9)))))
                    .isInstanceOf(CorruptDatabaseException.class)
                    .hasMessageContaining("table chi, path_id=2")
                    .hasMessageContaining(copy.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE scattering_paths SET reff = reff + 1e-9 WHERE path_id = 5|scattering_paths, path_id=5",
                "UPDATE scattering_paths SET type_id = (type_id + 1) % 3 + 1 WHERE path_id = 5|scattering_paths, path_id=5",
                "UPDATE scattering_paths SET path_num = 99 WHERE path_id = 5|scattering_paths, path_id=5",
                "UPDATE chi SET chi_values = (SELECT chi_values FROM chi WHERE path_id = 6) WHERE path_id = 5|chi, path_id=5",
                "DELETE FROM chi WHERE path_id = 5|chi",
                "UPDATE atom_sums SET path_count = 24 WHERE absorber_id = 1|atom_sums, absorber_id=1"
            })
    void average_damagedRow_isAnErrorThatNamesIt(String damage) throws IOException {
        String[] parts = damage.split("\\|", -1);
        Path copy = copy(parts[0]);
        boolean ofSum = parts[0].contains("atom_sums");
        PathCriteria criteria =
                ofSum ? PathCriteria.ALL : PathCriteria.of(PathCriterion.ANY.numbers(NumberRanges.closed(1, 1000)));
        try (ChiSource source = ChiSource.openDatabase(copy, ChiRequest.AS_STORED)) {
            assertThatThrownBy(() -> mean(source, criteria))
                    .isInstanceOf(CorruptDatabaseException.class)
                    .hasMessageContaining("table " + parts[1])
                    .hasMessageContaining(copy.toString());
        }
    }

    @Test
    void chi_otherParametersAndGrid_areComputedFromStoredColumns() throws IOException {
        ChiRequest request = new ChiRequest(
                new ChiParameters(0.9, 2.5, 0.01, 0.004, 0, 0, 0, null, ChiParameters.Interpolation.LINEAR, true),
                KGrid.of(2, 12, 0.1));
        PathCriteria criteria = PathCriteria.of(PathCriterion.ANY.frames(NumberRanges.of(1)));
        List<ChiSource> sources = both(request);

        assertThat(mean(sources.get(1), criteria).chi())
                .isEqualTo(mean(sources.get(0), criteria).chi())
                .hasSize(101);
        sources.forEach(ChiSource::close);
    }

    @Test
    void warnings_gridBeyondTheFiles_isToldByDatabaseAndFiles() throws IOException {
        PathCriteria one = PathCriteria.of(PathCriterion.ANY.frames(NumberRanges.of(1)));
        for (ChiSource source : both(new ChiRequest(null, KGrid.of(0, 25, 0.05)))) {
            mean(source, one);
            assertThat(source.warnings(one)).singleElement().asString().contains("75 paths is extrapolated");
            source.close();
        }
    }

    @Test
    void chi_otherParametersWithoutColumns_isRefusedNamingThem() throws IOException {
        Path bare = withoutColumns();
        ChiParameters other = new ChiParameters(1, 3, 0, 0, 0, 0, 0, null, ChiParameters.Interpolation.CUBIC, true);

        assertThatThrownBy(() -> ChiSource.openDatabase(bare, new ChiRequest(other, null)))
                .isInstanceOf(UnavailableChiException.class)
                .hasMessageContaining("feff_arrays")
                .hasMessageContaining("--input-dir");
    }

    @Test
    void chi_otherGridWithoutColumns_isInterpolatedWithAWarningAndNeverBeyond() throws IOException {
        Path bare = withoutColumns();
        KGrid between = KGrid.of(3.025, 12, 0.05);
        try (ChiSource source = ChiSource.openDatabase(bare, new ChiRequest(null, between));
                ChiSource exact = files(new ChiRequest(null, between))) {
            ChiAverage average = mean(source, PathCriteria.ALL);

            assertThat(source.warnings(PathCriteria.ALL))
                    .singleElement()
                    .asString()
                    .contains("interpolated");
            // Without the first value, which a file's own grid extrapolates.
            double[] expected = mean(exact, PathCriteria.ALL).chi();
            double[] found = average.chi();
            found[0] = expected[0];
            assertThat(difference(found, expected)).isLessThan(1e-5);
        }
    }

    @Test
    void warnings_unusableFiles_areToldByDatabaseAndFiles() throws IOException {
        Path other = folder.resolve("tree");
        new ExafsSample(1, 2, 4, 3).write(other, 1, BuildProgress.NONE);
        Path bad = other.resolve("working_0/frame_0/atom_1/feff0003.dat");
        Files.writeString(bad, Files.readString(bad).substring(0, 900));
        Path file = folder.resolve("chi.db");
        new ExafsBuilder().setTree(other).setDatabase(file).build();
        FeffTree found = FeffTree.scan(other, FeffTree.Rules.DEFAULT, BuildProgress.NONE);
        for (ChiSource source : List.of(
                ChiSource.ofFiles(found, ChiRequest.AS_STORED, 1, BuildProgress.NONE),
                ChiSource.openDatabase(file, ChiRequest.AS_STORED))) {
            ChiAverage average = mean(source, PathCriteria.ALL);

            assertThat(average.paths()).isEqualTo(7);
            assertThat(source.warnings(PathCriteria.ALL))
                    .singleElement()
                    .asString()
                    .contains("1 path file", "feff0003.dat");
            PathCriteria first = PathCriteria.of(PathCriterion.ANY.atoms(NumberRanges.of(0)));
            mean(source, first);
            assertThat(source.warnings(first)).isEmpty();
            source.close();
        }
    }

    @Test
    void query_manyPaths_walksThroughIndexesWithoutSorting() throws IOException {
        PathCriteria criteria = PathCriteria.perType(
                List.of("U-O", "U-U", "U-O-O", "U-U-O", "U-O-U"),
                List.of(),
                List.of(100.0),
                PathCriterion.ANY.frames(NumberRanges.parse("", "0-1,3")).atoms(NumberRanges.of(0, 2)));

        assertThat(plan(criteria))
                .anyMatch(step -> step.startsWith("SEARCH a USING INDEX"))
                .anyMatch(step -> step.startsWith("SEARCH p USING INDEX"))
                .anyMatch(step -> step.startsWith("SEARCH c USING INTEGER PRIMARY KEY"))
                .noneMatch(step -> step.contains("ORDER BY") || step.startsWith("SCAN p") || step.startsWith("SCAN c"));
    }

    @Test
    void query_fewPaths_areFoundByTheirTypeAndSortedWithoutChi() throws IOException {
        PathCriteria criteria =
                PathCriteria.perType(List.of("U-O", "U-U"), List.of(), List.of(2.3, 1.0), PathCriterion.ANY);

        assertThat(plan(criteria))
                .anyMatch(step -> step.startsWith("SEARCH p USING INDEX scattering_paths_type (type_id=? AND reff<?)"))
                .anyMatch(step -> step.startsWith("SEARCH a USING INTEGER PRIMARY KEY"))
                .filteredOn(step -> step.contains("ORDER BY"))
                .hasSize(1);
        for (ChiSource source : both(ChiRequest.AS_STORED)) {
            assertThat(mean(source, criteria).paths()).isPositive();
            source.close();
        }
    }

    private static List<String> plan(PathCriteria criteria) throws IOException {
        List<String> plan = new ArrayList<>();
        try (Database open = Database.open(database, Access.READ)) {
            PathQuery query = PathQuery.of(
                    open, criteria, PathTypeTable.read(open), StoredChi.of(open, ChiRequest.AS_STORED), null);
            SqlStream.run(open, "EXPLAIN QUERY PLAN " + query.sql(), query.conditions(), row -> {
                while (row.next()) {
                    plan.add(row.getString("detail"));
                }
            });
        }
        return plan;
    }

    private static org.assertj.core.data.Offset<Double> within(double offset) {
        return org.assertj.core.data.Offset.offset(offset);
    }

    private static double difference(double[] one, double[] other) {
        return ExafsReference.difference(one, other);
    }

    private static List<PathEntry> withoutIds(ChiSource source, PathCriteria criteria) throws IOException {
        List<PathEntry> paths = new ArrayList<>();
        source.paths(
                criteria,
                path -> paths.add(new PathEntry(
                        0,
                        path.frame(),
                        path.atomId(),
                        path.element(),
                        path.number(),
                        path.type(),
                        path.degeneracy(),
                        path.reff())));
        return paths;
    }

    static ChiAverage mean(ChiSource source, PathCriteria criteria) throws IOException {
        return ChiAverage.of(source, criteria, ChiAverage.Aggregation.MEAN_OVER_ATOMS, ChiAverage.Denominator.MATCHING);
    }

    /** Files, then database. */
    private static List<ChiSource> both(ChiRequest request) throws IOException {
        return List.of(files(request), ChiSource.openDatabase(database, request));
    }

    private static ChiSource files(ChiRequest request) throws IOException {
        return ChiSource.ofFiles(
                FeffTree.scan(tree, FeffTree.Rules.DEFAULT, BuildProgress.NONE), request, 2, BuildProgress.NONE);
    }

    @Test
    void openDatabase_gridBeyondTheStored_isUnavailableSoThatFilesCanStandIn() throws IOException {
        Path bare = withoutColumns();
        Path document = folder.resolve("document.db");
        DocumentExport.write(bare, document, BuildProgress.NONE);
        ChiRequest request = new ChiRequest(null, KGrid.of(0, 25, 0.05));

        for (Path file : List.of(bare, document)) {
            assertThatThrownBy(() -> {
                        try (ChiSource source = ChiSource.openDatabase(file, request)) {
                            source.chi(PathCriteria.ALL, (path, chi) -> {});
                        }
                    })
                    .isInstanceOf(UnavailableChiException.class)
                    .hasMessageContaining("expected a grid within k 0.0 … 20.0 Å⁻¹");
        }
    }

    private Path withoutColumns() throws IOException {
        Path bare = folder.resolve("bare.db");
        new ExafsBuilder().setTree(tree).setDatabase(bare).optArrays(false).build();
        return bare;
    }

    private Path copy(String damage) throws IOException {
        Path copy = Files.copy(database, folder.resolve("copy.db"));
        try (Database open = Database.open(copy, Access.BUILD)) {
            open.execute(damage);
        }
        return copy;
    }

    /** What criteria can be made of. */
    private record Choice(List<String> types, List<String> elementTypes, double[] lengths) {
        static Choice of(ChiSource source) throws IOException {
            Set<String> types = new LinkedHashSet<>();
            Set<String> elementTypes = new LinkedHashSet<>();
            List<Double> lengths = new ArrayList<>();
            source.paths(PathCriteria.ALL, path -> {
                types.add(path.type().name());
                elementTypes.add(path.type().elementName());
                lengths.add(path.reff());
            });
            return new Choice(
                    List.copyOf(types),
                    List.copyOf(elementTypes),
                    lengths.stream().mapToDouble(Double::doubleValue).toArray());
        }

        PathCriteria criteria(SplittableRandom random) {
            List<PathCriterion> anyOf = new ArrayList<>();
            int count = random.nextInt(1, 4);
            for (int i = 0; i < count; i++) {
                anyOf.add(criterion(random));
            }
            return new PathCriteria(anyOf);
        }

        private PathCriterion criterion(SplittableRandom random) {
            double one = random.nextInt(3) == 0 ? Double.NEGATIVE_INFINITY : length(random);
            double other = random.nextInt(3) == 0 ? Double.POSITIVE_INFINITY : length(random);
            return PathCriterion.ANY
                    .types(random.nextInt(3) == 0 ? some(types, random) : null)
                    .elementTypes(random.nextInt(5) == 0 ? some(elementTypes, random) : null)
                    .absorbers(random.nextInt(5) == 0 ? some(List.of("U", "O"), random) : null)
                    .visited(random.nextInt(4) == 0 ? some(List.of("U", "O", "Zr"), random) : null)
                    .legCounts(random.nextInt(4) == 0 ? numbers(random, 5) : null)
                    .reff(Math.min(one, other), Math.max(one, other))
                    .degeneracy(random.nextInt(4) == 0 ? 1 : Double.NEGATIVE_INFINITY, random.nextInt(4) == 0 ? 2 : 1e9)
                    .frames(random.nextInt(2) == 0 ? numbers(random, FRAMES + 1) : null)
                    .atoms(random.nextInt(3) == 0 ? numbers(random, ATOMS + 1) : null)
                    .numbers(random.nextInt(4) == 0 ? numbers(random, PATHS + 3) : null);
        }

        private double length(SplittableRandom random) {
            return lengths[random.nextInt(lengths.length)];
        }

        private static @Nullable Set<String> some(List<String> names, SplittableRandom random) {
            Set<String> taken = new LinkedHashSet<>();
            names.forEach(name -> {
                if (random.nextBoolean()) {
                    taken.add(name);
                }
            });
            return taken;
        }

        private static NumberRanges numbers(SplittableRandom random, int bound) {
            return random.nextBoolean()
                    ? NumberRanges.halfOpen(random.nextInt(bound), random.nextInt(bound + 1))
                    : NumberRanges.of(random.longs(random.nextInt(4), 0, bound).toArray());
        }
    }
}
