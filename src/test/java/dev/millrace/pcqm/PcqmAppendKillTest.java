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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An addition in another JVM is killed with SIGKILL: the file is then the old one or the new one, and it goes on. */
class PcqmAppendKillTest {
    private static final int FIRST = 1_000;
    private static final int ALL = 6_000;

    @TempDir
    Path folder;

    @Test
    void append_killedAtAnyMoment_leavesTheOldFileOrTheNewOneAndGoesOn() throws Exception {
        kill(4, 61);
    }

    @Test
    @Tag("campaign")
    void append_killedManyTimes_leavesTheOldFileOrTheNewOneAndGoesOn() throws Exception {
        kill(150, 62);
    }

    private void kill(int kills, long seed) throws Exception {
        // Of the second sample the first thousand are in the file already.
        Path first = PcqmFixture.sample(folder, FIRST);
        Path second = PcqmFixture.sample(folder, ALL);
        Path whole = folder.resolve("whole.db");
        builder(first, whole).build();
        byte[] old = Files.readAllBytes(whole);
        PcqmBuildReport report = builder(second, whole).optAppend(true).build();
        assertThat(report.appended()).isEqualTo(new PcqmBuildReport.Appended(ALL, ALL - FIRST, FIRST, 0, 0));
        List<String> added = PcqmFixture.digests(whole);
        Path target = folder.resolve("killed.db");
        Files.write(target, old);
        Random random = new Random(seed);
        int resumed = 0;
        for (int i = 0; i < kills; i++) {
            // However fast the machine is, one kill comes right after the first save.
            run(second, target, i == 0 ? null : random);
            if (Files.size(target) == old.length) {
                assertThat(Files.readAllBytes(target))
                        .as("kill %d, seed %d", i, seed)
                        .isEqualTo(old);
                resumed += PcqmBuilder.hasPartial(target) ? 1 : 0;
            } else {
                assertThat(PcqmFixture.digests(target))
                        .as("kill %d, seed %d", i, seed)
                        .isEqualTo(added);
                Files.write(target, old);
            }
        }
        assertThat(resumed).as("kills that left something to resume").isPositive();
        if (PcqmBuilder.hasPartial(target)) {
            // What is left of this addition is not gone on with by another one.
            assertThatThrownBy(() -> builder(second, target)
                            .optAppend(true)
                            .optResume(true)
                            .optMaxSamples(10)
                            .build())
                    .isInstanceOf(OutdatedDatabaseException.class)
                    .hasMessageContaining("expected max_samples 10, found 0");
        }
        builder(second, target).optAppend(true).optResume(true).build();
        assertThat(PcqmFixture.digests(target)).isEqualTo(added);
        assertThat(Verification.verify(target).faults()).isEmpty();
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .noneMatch(name -> name.startsWith("killed.db."));
        }
    }

    /** Goes on in a child and kills it when it has written so much, or finishes; without chance when it has something to resume. */
    private void run(Path csv, Path target, @Nullable Random random) throws Exception {
        try (ChildJvm child = ChildJvm.start(folder, Child.class, csv.toString(), target.toString())) {
            assertThat(child.awaitLine("scan")).isTrue();
            if (random == null) {
                while (!PcqmBuilder.hasPartial(target)) {
                    Thread.onSpinWait();
                }
                child.kill();
                return;
            }
            String line = "scan";
            for (int i = random.nextInt(30); i > 0 && line != null; i--) {
                line = child.readLine();
            }
            Thread.sleep(random.nextInt(20));
            child.kill();
        }
    }

    private static PcqmBuilder builder(Path csv, Path target) {
        return new PcqmBuilder()
                .setCsv(csv)
                .setDatabase(target)
                .optLayout(PcqmLayout.BLOCKS)
                .optThreads(2)
                .optRecordsPerSave(300);
    }

    /** The addition that is killed. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException {
            builder(Path.of(arguments[0]), Path.of(arguments[1]))
                    .optAppend(true)
                    .optResume(true)
                    .optProgress(state -> {
                        if (!state.phase().equals("scan") || state.finished()) {
                            System.out.println(state.phase());
                        }
                    })
                    .build();
        }
    }
}
