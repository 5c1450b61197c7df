package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.build.SplitRatios;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExafsSplitsTest {
    @TempDir
    Path folder;

    /** Distinct values of a column of the absorbers in each split, and that no two splits share one. */
    private List<Integer> units(Path database, String column) {
        List<Integer> sizes = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        int all = 0;
        try (Database opened = Database.open(database, Access.READ)) {
            for (String split : List.of("train", "val", "test")) {
                String ids = Arrays.toString(Manifest.ids(opened, split));
                List<String> of = ExafsTree.rows(
                        database,
                        "SELECT DISTINCT " + column + " FROM scattering_paths p JOIN absorbers a USING (absorber_id)"
                                + " WHERE p.path_id IN (SELECT value FROM json_each('" + ids + "'))");
                sizes.add(of.size());
                seen.addAll(of);
                all += of.size();
            }
        }
        assertThat(seen).as("no frame or atom in two splits").hasSize(all);
        return sizes;
    }

    @Test
    void build_severalFrames_dividesThemByExactCounts() throws Exception {
        Path tree = ExafsTree.sample(folder.resolve("tree"), 10, 2, 3);
        Path database = folder.resolve("chi.db");

        ExafsBuildReport report = ExafsTree.builder(tree, database).build();

        assertThat(report.splitBy()).isEqualTo("frame");
        assertThat(units(database, "frame")).containsExactly(8, 1, 1);
        assertThat(report.splits().values().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(60);
    }

    @Test
    void build_byAtom_dividesAbsorbersByExactCounts() throws Exception {
        Path tree = ExafsTree.sample(folder.resolve("tree"), 10, 2, 3);
        Path database = folder.resolve("chi.db");

        ExafsTree.builder(tree, database)
                .optSplitBy("atom")
                .optSplitRatios(new SplitRatios(0.7, 0.2, 0.1))
                .build();

        assertThat(units(database, "a.absorber_id")).containsExactly(14, 4, 2);
    }

    @Test
    void build_oneFrame_dividesByAtom() throws Exception {
        Path tree = ExafsTree.sample(folder.resolve("tree"), 1, 5, 3);

        ExafsBuildReport report =
                ExafsTree.builder(tree, folder.resolve("chi.db")).build();

        assertThat(report.splitBy()).isEqualTo("atom");
        assertThat(report.splits())
                .containsEntry("train", 9L)
                .containsEntry("val", 3L)
                .containsEntry("test", 3L);
    }

    @Test
    void build_otherSeed_dividesOtherwise() throws Exception {
        Path tree = ExafsTree.sample(folder.resolve("tree"), 20, 1, 1);
        Path first = folder.resolve("first.db");
        Path second = folder.resolve("second.db");
        ExafsTree.builder(tree, first).build();
        ExafsTree.builder(tree, second).optSeed(1).build();

        try (Database a = Database.open(first, Access.READ);
                Database b = Database.open(second, Access.READ)) {
            assertThat(Manifest.ids(a, "train")).isNotEqualTo(Manifest.ids(b, "train"));
        }
    }

    @Test
    void build_noTestAskedFor_hasNone() throws Exception {
        Path tree = ExafsTree.sample(folder.resolve("tree"), 2, 1, 1);

        ExafsBuildReport report = ExafsTree.builder(tree, folder.resolve("chi.db"))
                .optSplitRatios(new SplitRatios(0.9, 0.1, 0))
                .build();

        assertThat(report.splits())
                .containsEntry("train", 1L)
                .containsEntry("val", 1L)
                .containsEntry("test", 0L);
    }
}
