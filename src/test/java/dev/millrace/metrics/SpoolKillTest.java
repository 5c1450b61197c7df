package dev.millrace.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.ChildJvm;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing that was acknowledged is lost, doubled or half there, whoever is killed when: the process that has the file open and
 * imports, workers that report, or all of them.
 */
final class SpoolKillTest {
    private static final long SEED = 20261120;

    @TempDir
    private Path folder;

    @Test
    void kill_storeAndWorkers_everyAcknowledgedRecordIsThereOnce() throws Exception {
        killRepeatedly(21);
    }

    @Test
    @Tag("campaign")
    void kill_storeAndWorkersManyTimes_everyAcknowledgedRecordIsThereOnce() throws Exception {
        killRepeatedly(Integer.getInteger("millrace.kills", 300));
    }

    @Test
    void terminate_whileAStepRuns_keepsWhatTheStepStillReports() throws Exception {
        Path file = folder.resolve("metrics.db");
        try (ChildJvm child = ChildJvm.start(folder, SpoolChild.class, "stepping", file.toString())) {
            assertThat(child.awaitLine("stepping")).isTrue();
            child.terminate();
            child.remainingLines();
            assertThat(child.await()).isEqualTo(143);
        }
        try (MetricsReader reader = MetricsReader.open(file)) {
            assertThat(reader.series(1, "loss").steps()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
            assertThat(reader.run(1).status()).isEqualTo(RunStatus.INTERRUPTED);
            assertThat(reader.summary().droppedCount()).isZero();
        }
    }

    private void killRepeatedly(int kills) throws IOException, InterruptedException {
        Random random = new Random(SEED);
        int killed = 0;
        long acknowledged = 0;
        for (int generation = 0; killed < kills; generation++) {
            Path file = folder.resolve("metrics" + generation + ".db");
            Map<String, long[]> expected = new LinkedHashMap<>();
            for (int round = 0; killed < kills && round < 7; round++) {
                killed += round(file, generation + "." + round, expected, random);
            }
            MetricsImport.run(MetricsStore.spoolFolder(file), file);
            acknowledged += check(file, expected);
        }
        assertThat(acknowledged).isGreaterThan(kills * 50L);
        System.out.println(killed + " kills, " + acknowledged + " acknowledged records, all there once");
    }

    /** Starts a store and two workers and kills them, in any order; returns the number of kills. */
    private int round(Path file, String round, Map<String, long[]> expected, Random random)
            throws IOException, InterruptedException {
        Path spool = MetricsStore.spoolFolder(file);
        List<ChildJvm> children = new ArrayList<>();
        List<String> names = new ArrayList<>();
        try {
            names.add("store " + round);
            children.add(ChildJvm.start(folder, SpoolChild.class, "store", file.toString(), names.get(0)));
            for (int worker = 0; worker < 2; worker++) {
                String name = "worker " + round + "." + worker;
                UUID run = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
                names.add(name);
                children.add(
                        ChildJvm.start(folder, SpoolChild.class, "worker", spool.toString(), run.toString(), name));
            }
            List<String> last = new ArrayList<>();
            for (ChildJvm child : children) {
                last.add(child.readLine());
            }
            while (!children.isEmpty()) {
                Thread.sleep(random.nextInt(150));
                int victim = random.nextInt(children.size());
                ChildJvm child = children.remove(victim);
                child.kill();
                String acknowledged = last.remove(victim);
                for (String line : child.remainingLines()) {
                    // The last line may be cut.
                    acknowledged =
                            line.matches("ack( \\d+)+") && line.length() >= acknowledged.length() ? line : acknowledged;
                }
                assertThat(child.await()).isEqualTo(137);
                assertThat(acknowledged).as("%s, seed %d", round, SEED).startsWith("ack");
                expected.put(names.remove(victim), numbers(acknowledged));
            }
        } finally {
            children.forEach(ChildJvm::close);
        }
        return expected.isEmpty() ? 0 : 3;
    }

    private static long check(Path file, Map<String, long[]> expected) {
        long acknowledged = 0;
        try (Database database = Database.open(file, Access.READ)) {
            assertThat(database.queryText("PRAGMA integrity_check")).isEqualTo("ok");
        }
        try (MetricsReader reader = MetricsReader.open(file)) {
            assertThat(reader.runs()).extracting(RunInfo::name).doesNotHaveDuplicates();
            assertThat(reader.runs().stream().map(RunInfo::name)).containsAll(expected.keySet());
            for (RunInfo run : reader.runs()) {
                long[] least = expected.get(run.name());
                assertThat(run.status()).as(run.name()).isEqualTo(RunStatus.CRASHED);
                for (int i = 0; i < least.length; i++) {
                    long[] steps = reader.series(run.id(), "loss" + i).steps();
                    assertThat(steps.length).as("%s, thread %d", run.name(), i).isGreaterThanOrEqualTo((int) least[i]);
                    for (int step = 0; step < steps.length; step++) {
                        assertThat(steps[step])
                                .as("%s, thread %d", run.name(), i)
                                .isEqualTo(step);
                    }
                    acknowledged += least[i];
                }
            }
        }
        return acknowledged;
    }

    private static long[] numbers(String acknowledged) {
        String[] words = acknowledged.split(" ", -1);
        long[] numbers = new long[words.length - 1];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Long.parseLong(words[i + 1]);
        }
        return numbers;
    }
}
