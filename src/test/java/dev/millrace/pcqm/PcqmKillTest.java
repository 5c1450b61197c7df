package dev.millrace.pcqm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.sqlite.ChildJvm;
import dev.millrace.sqlite.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A build in another JVM is killed with SIGKILL again and again, and goes on each time. */
class PcqmKillTest {
    private static final int MOLECULES = 10_000;

    @TempDir
    Path folder;

    @Test
    void resume_afterKillsAtAnyMoment_endsInTheRowsOfAnUninterruptedBuild() throws Exception {
        kill(7, 91, PcqmLayout.BLOCKS);
    }

    @Test
    @Tag("campaign")
    void resume_afterHundredsOfKills_endsInTheRowsOfAnUninterruptedBuild() throws Exception {
        kill(150, 92, PcqmLayout.ROWS);
        kill(150, 93, PcqmLayout.BLOCKS);
    }

    private void kill(int kills, long seed, PcqmLayout layout) throws Exception {
        Path csv = PcqmFixture.sample(folder, MOLECULES);
        Path whole = folder.resolve("whole.db");
        builder(csv, whole, layout).optRebuild(true).build();
        List<String> expected = PcqmFixture.digests(whole);
        Path target = folder.resolve("killed.db");
        Random random = new Random(seed);
        long resumed = 0;
        int finished = 0;
        for (int i = 0; i < kills; i++) {
            if (run(csv, target, layout, random)) {
                assertThat(PcqmFixture.digests(target))
                        .as("kill %d, seed %d", i, seed)
                        .isEqualTo(expected);
                Files.delete(target);
                finished++;
            } else {
                assertThat(target).doesNotExist();
                resumed += PcqmBuilder.hasPartial(target) ? 1 : 0;
            }
        }
        assertThat(resumed).as("kills that left something to resume").isPositive();
        PcqmBuildReport last = builder(csv, target, layout).optResume(true).build();
        assertThat(last.molecules()).isEqualTo(MOLECULES);
        assertThat(PcqmFixture.digests(target)).isEqualTo(expected);
        assertThat(Verification.verify(target).faults()).isEmpty();
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .as("%d finished", finished)
                    .doesNotContain("killed.db.partial", "killed.db.partial-journal", "killed.db.partial.lock");
        }
        Files.delete(target);
    }

    @Test
    void resume_otherSettingsOrInput_isRefusedNamingWhatDiffers() throws Exception {
        Path csv = PcqmFixture.sample(folder, MOLECULES);
        Path target = folder.resolve("killed.db");
        interrupt(csv, target);

        assertThatThrownBy(() -> builder(csv, target, PcqmLayout.ROWS)
                        .optResume(true)
                        .optSeed(1)
                        .build())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("expected seed 1, found 42");
        Path other = PcqmFixture.sample(folder, MOLECULES + 1);
        assertThatThrownBy(() ->
                        builder(other, target, PcqmLayout.ROWS).optResume(true).build())
                .isInstanceOf(OutdatedDatabaseException.class)
                .hasMessageContaining("the input changed");
        assertThat(PcqmBuilder.hasPartial(target)).isTrue();
        PcqmBuildReport report =
                builder(csv, target, PcqmLayout.ROWS).optResume(true).build();
        assertThat(report.resumedFrom()).isPositive().isLessThan(MOLECULES);
    }

    @Test
    void build_withoutResume_beginsAnew() throws Exception {
        Path csv = PcqmFixture.sample(folder, MOLECULES);
        Path target = folder.resolve("killed.db");
        interrupt(csv, target);

        PcqmBuildReport report = builder(csv, target, PcqmLayout.ROWS).build();

        assertThat(report.resumedFrom()).isZero();
        assertThat(report.molecules()).isEqualTo(MOLECULES);
        assertThat(PcqmBuilder.hasPartial(target)).isFalse();
    }

    /** Interrupts a build in this JVM as Ctrl-C does. */
    private static void interrupt(Path csv, Path target) {
        Thread self = Thread.currentThread();
        try {
            assertThatThrownBy(() -> builder(csv, target, PcqmLayout.ROWS)
                            .optProgress(state -> {
                                if (state.phase().equals("build") && state.done() > 2000) {
                                    self.interrupt();
                                }
                            })
                            .build())
                    .isInstanceOf(IOException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(PcqmBuilder.hasPartial(target)).isTrue();
        assertThat(target).doesNotExist();
    }

    /** Goes on in a child and kills it soon; true if it was faster. */
    private boolean run(Path csv, Path target, PcqmLayout layout, Random random) throws Exception {
        try (ChildJvm child = ChildJvm.start(folder, Child.class, csv.toString(), target.toString(), layout.name())) {
            assertThat(child.awaitLine("begun")).isTrue();
            int phases = random.nextInt(4);
            // Some during the scan or the first rows, most while rows are written, some while it finishes.
            String line = phases == 0 ? "begun" : child.readLine();
            for (int i = random.nextInt(40); phases > 1 && i > 0 && line != null; i--) {
                line = child.readLine();
            }
            Thread.sleep(random.nextInt(phases == 0 ? 900 : 60));
            child.kill();
        }
        return Files.exists(target);
    }

    private static PcqmBuilder builder(Path csv, Path target, PcqmLayout layout) {
        return new PcqmBuilder()
                .setCsv(csv)
                .setDatabase(target)
                .optLayout(layout)
                .optGraphsPerBlock(64)
                .optThreads(2)
                .optRecordsPerSave(750);
    }

    /** The build that is killed. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException {
            System.out.println("begun");
            builder(Path.of(arguments[0]), Path.of(arguments[1]), PcqmLayout.valueOf(arguments[2]))
                    .optResume(true)
                    .optProgress(state -> {
                        if (!state.phase().equals("scan")) {
                            System.out.println(state.phase() + " " + state.done());
                        }
                    })
                    .build();
        }
    }
}
