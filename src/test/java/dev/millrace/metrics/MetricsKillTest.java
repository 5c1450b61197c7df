package dev.millrace.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.ChildJvm;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a reader finds after the recording process was killed. */
final class MetricsKillTest {
    private static final long SEED = 20261120;

    @TempDir
    private Path folder;

    @Test
    void kill_whileRecording_keepsFlushedStepsAndShowsTheRunAsCrashed() throws Exception {
        killRepeatedly(8);
    }

    @Test
    @Tag("campaign")
    void kill_manyTimes_keepsFlushedSteps() throws Exception {
        killRepeatedly(200);
    }

    @Test
    void terminate_whileRecording_writesWhatIsLeftAndMarksTheRunAsInterrupted() throws Exception {
        Path file = folder.resolve("metrics.db");
        long acknowledged;
        try (ChildJvm child = ChildJvm.start(folder, MetricsChild.class, file.toString(), "0")) {
            acknowledged = Long.parseLong(child.readLine().substring(4));
            child.terminate();
            child.remainingLines();
            assertThat(child.await()).isEqualTo(143);
        }
        assertThat(folder.resolve("metrics.db-wal"))
                .as("closed in an orderly way")
                .doesNotExist();
        try (MetricsReader reader = MetricsReader.open(file)) {
            RunInfo run = reader.run(1);
            assertThat(run.status()).isEqualTo(RunStatus.INTERRUPTED);
            assertThat(run.endedAt()).isNotNull();
            assertThat(reader.series(1, "loss").size()).isGreaterThanOrEqualTo((int) acknowledged);
        }
    }

    @Test
    void open_whileAnotherProcessRecords_isRefusedButReadingIsNot() throws Exception {
        Path file = folder.resolve("metrics.db");
        try (ChildJvm child = ChildJvm.start(folder, MetricsChild.class, file.toString(), "0")) {
            assertThat(child.readLine()).startsWith("ack");
            assertThatThrownBy(() -> MetricsStore.open(file))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("is writing to it")
                    .hasMessageContaining("One writer at a time");
            try (MetricsReader reader = MetricsReader.open(file)) {
                assertThat(reader.runs())
                        .singleElement()
                        .satisfies(run -> assertThat(run.status()).isEqualTo(RunStatus.RUNNING));
            }
        }
    }

    private void killRepeatedly(int kills) throws IOException, InterruptedException {
        Random random = new Random(SEED);
        Path file = folder.resolve("metrics.db");
        for (int round = 0; round < kills; round++) {
            String last;
            try (ChildJvm child =
                    ChildJvm.start(folder, MetricsChild.class, file.toString(), Integer.toString(round))) {
                last = child.readLine();
                assertThat(last).as("round %d, seed %d", round, SEED).startsWith("ack");
                Thread.sleep(random.nextInt(150));
                child.kill();
                for (String line : child.remainingLines()) {
                    last = line.matches("ack \\d+") ? line : last;
                }
                child.await();
            }
            checkAfterKill(file, round, Long.parseLong(last.substring(4)));
        }
    }

    private static void checkAfterKill(Path file, int round, long acknowledged) {
        try (Database database = Database.open(file, Access.READ)) {
            assertThat(database.queryText("PRAGMA integrity_check")).isEqualTo("ok");
        }
        try (MetricsReader reader = MetricsReader.open(file)) {
            List<RunInfo> runs = reader.runs();
            assertThat(runs)
                    .hasSize(round + 1)
                    .allSatisfy(run -> assertThat(run.status()).isEqualTo(RunStatus.CRASHED));
            RunInfo run = runs.get(round);
            assertThat(run.params()).containsEntry("round", Integer.toString(round));
            for (String name : List.of("loss", "cosine", "learning_rate")) {
                Series series = reader.series(run.id(), name);
                assertThat(series.size()).as(name).isGreaterThanOrEqualTo((int) acknowledged);
                for (int i = 0; i < series.size(); i++) {
                    assertThat(series.steps()[i]).isEqualTo(i);
                }
            }
            assertThat(Arrays.stream(reader.series(run.id(), "learning_rate").values())
                            .allMatch(Double::isNaN))
                    .isTrue();
            assertThat(reader.epochMetrics(run.id()).size()).isGreaterThanOrEqualTo((int) acknowledged);
        }
    }
}
