package dev.millrace.exafs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.build.BuildProgress;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.StorageFullException;
import dev.millrace.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds that end early, and the next ones; builds beside readers. */
class ExafsInterruptedTest {
    @TempDir
    Path folder;

    private Path tree() throws IOException {
        return ExafsTree.sample(folder.resolve("tree"), 2, 2, 6);
    }

    private Path database() {
        return folder.resolve("chi.db");
    }

    @Test
    void build_diskFull_leavesTheOldFileAndGoesOnNextTime() throws Exception {
        Path tree = ExafsTree.sample(folder.resolve("tree"), 2, 3, 40);
        assertThatThrownBy(() -> ExafsTree.builder(tree, database())
                        .optSavePaths(40)
                        .optMaxPages(60)
                        .build())
                .isInstanceOf(StorageFullException.class);
        assertThat(database()).doesNotExist();
        assertThat(ExafsTree.names(folder)).contains("chi.db.partial");

        ExafsBuildReport report = ExafsTree.builder(tree, database()).build();

        assertThat(report.paths()).isEqualTo(240);
        assertThat(report.unchanged()).as("from before").isPositive();
        assertThat(ExafsVerification.verify(database(), BuildProgress.NONE).faults())
                .isEmpty();
        assertThat(ExafsTree.names(folder)).containsExactly("chi.db", "tree");
    }

    @Test
    void build_whileOthersRead_theyKeepTheOldFile() throws Exception {
        Path tree = tree();
        ExafsTree.builder(tree, database()).build();
        try (Database reader = Database.open(database(), Access.READ)) {
            assertThat(reader.queryLong("SELECT count(*) FROM chi")).isEqualTo(24);
            ExafsTree.file(tree, "working_0/frame_9/atom_0/feff0001.dat", SyntheticFeff.text());

            assertThat(ExafsTree.builder(tree, database()).build().paths()).isEqualTo(25);

            assertThat(reader.queryLong("SELECT count(*) FROM chi")).isEqualTo(24);
        }
        assertThat(ExafsTree.count(database(), "chi")).isEqualTo(25);
    }

    @Test
    void build_interrupted_goesOnWhereItStopped() throws Exception {
        Path tree = ExafsTree.sample(folder.resolve("tree"), 2, 3, 40);
        Thread self = Thread.currentThread();
        try {
            assertThatThrownBy(() -> ExafsTree.builder(tree, database())
                            .optSavePaths(40)
                            .optProgress(state -> {
                                if (state.phase().equals("build")) {
                                    self.interrupt();
                                }
                            })
                            .build())
                    .isInstanceOf(IOException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(database()).doesNotExist();
        Path whole = folder.resolve("whole.db");
        ExafsTree.builder(tree, whole).build();

        ExafsBuildReport report = ExafsTree.builder(tree, database()).build();

        assertThat(report.paths()).isEqualTo(240);
        assertThat(ExafsTree.digests(database())).isEqualTo(ExafsTree.digests(whole));
    }

    @Test
    void build_interruptedWithOtherSettings_beginsAnew() throws Exception {
        Path tree = tree();
        assertThatThrownBy(() -> ExafsTree.builder(tree, database())
                        .optStorage(DType.FLOAT32)
                        .optSavePaths(1)
                        .optMaxPages(20)
                        .build())
                .isInstanceOf(StorageFullException.class);

        ExafsBuildReport report = ExafsTree.builder(tree, database()).build();

        assertThat(report.added()).isEqualTo(24);
        assertThat(ExafsTree.rows(database(), "SELECT storage FROM parameter_sets"))
                .containsExactly("float64");
        assertThat(ExafsVerification.verify(database(), BuildProgress.NONE).faults())
                .isEmpty();
    }
}
