package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.build.BuildProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
