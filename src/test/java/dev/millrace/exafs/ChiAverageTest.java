package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.build.BuildProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against what MD-EXAFS gives for the same files. */
final class ChiAverageTest {
    private static final Path TREE = ExafsReference.DATA.resolve("tree");

    @TempDir
    Path folder;

    @BeforeEach
    void assumeHere() {
        ExafsReference.assumeHere();
    }

    @Test
    void average_database_equalsTheOriginalsFullPrecision() throws IOException {
        Map<String, double[]> expected = ExafsReference.csv("md_exafs/db_UO_le4_full_precision.csv");
        PathCriterion upTo4 = PathCriterion.ANY.types(Set.of("U-O")).reff(1, 4);

        for (ChiSource source : List.of(files(), database())) {
            ChiAverage average = mean(source, PathCriteria.of(upTo4.frames(NumberRanges.closed(100, 120))));

            assertThat(ExafsReference.difference(average.chi(), ExafsReference.column(expected, "chi")))
                    .isLessThan(1e-10);
            assertThat(average.grid().toArray()).isEqualTo(ExafsReference.column(expected, "k"));
            source.close();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "file_UO_le4.dat; false; 100; 119",
                "file_UO_le4_incl120.dat; false; 100; 120",
                "db_UO_le4.dat; false; 100; 120",
                "file_paths_1_2_3.dat; true; 100; 120"
            })
    void average_filesAndDatabase_equalTheOriginalsSixDecimals(String name, boolean byNumber, long first, long last)
            throws IOException {
        PathCriterion paths = byNumber
                ? PathCriterion.ANY.numbers(NumberRanges.parse("--paths", "[1,3]"))
                : PathCriterion.ANY.types(Set.of("U-O")).reff(1, 4);
        List<String> expected =
                Files.readAllLines(ExafsReference.DATA
                                .resolve("reference/md_exafs")
                                .resolve(name))
                        .stream()
                        .filter(line -> !line.startsWith("#"))
                        .toList();
        for (ChiSource source : List.of(files(), database())) {
            ChiAverage average = mean(source, PathCriteria.of(paths.frames(NumberRanges.closed(first, last))));

            List<String> rows = new ArrayList<>();
            for (int i = 0; i < average.chi().length; i++) {
                rows.add(String.format(Locale.ROOT, "%.6f %.6f", average.grid().get(i), average.chi()[i]));
            }
            assertThat(rows).isEqualTo(expected);
            source.close();
        }
    }

    @Test
    void average_framesThatDoNotExist_isNotTheOriginalsAverageOfAll() throws IOException {
        for (ChiSource source : List.of(files(), database())) {
            PathCriterion none = PathCriterion.ANY.types(Set.of("U-O")).frames(NumberRanges.halfOpen(500, 600));
            assertThat(mean(source, PathCriteria.of(none)).isEmpty()).isTrue();
            source.close();
        }
    }

    @Test
    void average_chiFilesOfFeff_areBroughtTogetherByK() throws IOException {
        ChiAverage average = ChiFiles.find(TREE).average(PathCriteria.ALL, null);

        // The original's column of k begins at 0.041667 here, the mean of 0 and 0.05.
        assertThat(average.grid().get(0)).isEqualTo(0.05);
        assertThat(average.grid().size()).isEqualTo(400);
        assertThat(average.atoms()).isEqualTo(6);
    }

    @Test
    void types_blankLabel_isTheElementAndMatchesAsSuch() throws IOException {
        FeffPath path = FeffFile.read(ExafsReference.DATA.resolve("edge_cases/blank.dat"));
        PathType type = PathType.of(path);

        assertThat(type.name()).isEqualTo("U-U-O");
        assertThat(PathCriterion.ANY.types(Set.of("U-U")).takesType(type)).isFalse();
        assertThat(PathCriterion.ANY.visited(Set.of("O")).takesType(type)).isTrue();
    }

    private static ChiAverage mean(ChiSource source, PathCriteria criteria) throws IOException {
        return ChiAverage.of(source, criteria, ChiAverage.Aggregation.MEAN_OVER_ATOMS, ChiAverage.Denominator.MATCHING);
    }

    private static ChiSource files() throws IOException {
        return ChiSource.ofFiles(
                FeffTree.scan(TREE, FeffTree.Rules.DEFAULT, BuildProgress.NONE),
                ChiRequest.AS_STORED,
                2,
                BuildProgress.NONE);
    }

    private ChiSource database() throws IOException {
        Path file = folder.resolve("chi.db");
        if (!Files.exists(file)) {
            new ExafsBuilder().setTree(TREE).setDatabase(file).build();
        }
        return ChiSource.openDatabase(file, ChiRequest.AS_STORED);
    }
}
