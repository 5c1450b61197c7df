package dev.millrace.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.spool.FrameWriterSettings;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.WriteQueueSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a worker reports reaches the file of the process that has it open, or of the next one. */
final class WorkerMetricsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    @Test
    void log_mainProcessOpen_everyKindReachesTheRun() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("main", Map.of());
            try (WorkerMetrics worker = worker(store, run)) {
                worker.log(1, "loss", 0.5);
                worker.logAll(2, Map.of("loss", Double.NaN, "cosine", Double.NEGATIVE_INFINITY));
                worker.epochMetric("loss", 0.25, 3, 4, "val");
                worker.resource("cpu", "process_tree", "percent", 12.5);
                worker.resource("ram", "process_tree", 50);
                worker.generation(new Generation("build", 1, null, Instant.ofEpochMilli(5), 1.5, 100, Double.NaN));
                worker.event("warning", "übergelaufen");
                worker.param("workers", 4);
                worker.tag("parallel");
                assertThat(worker.dropped()).isZero();
            }
            awaitImported(store, 10);
            run.finish(RunStatus.FINISHED);
        }
        try (MetricsReader reader = MetricsReader.open(file())) {
            assertThat(reader.runs()).hasSize(1);
            assertThat(reader.series(1, "loss").values()).containsExactly(0.5, Double.NaN);
            assertThat(reader.series(1, "cosine").values()).containsExactly(Double.NEGATIVE_INFINITY);
            assertThat(reader.epochMetrics(1)).singleElement().satisfies(point -> {
                assertThat(point.metric()).isEqualTo(new EpochMetric("loss", 0.25, 3, 4, "val"));
                assertThat(point.step()).isEqualTo(2);
            });
            assertThat(reader.summary().resourceMetricsCount()).isEqualTo(2);
            assertThat(reader.summary().generationMetricsCount()).isEqualTo(1);
            assertThat(reader.events(1))
                    .singleElement()
                    .satisfies(event -> assertThat(event.text()).isEqualTo("übergelaufen"));
            assertThat(reader.run(1).params()).containsEntry("workers", "4");
            assertThat(reader.run(1).tags()).contains("parallel");
        }
        assertThat(spoolFiles()).as("imported, checkpointed, deleted").isEmpty();
    }

    @Test
    void log_mainProcessNotThere_waitsOnDiskAndMakesTheRunByItsName() throws IOException {
        UUID run = UUID.randomUUID();
        try (WorkerMetrics worker = WorkerMetrics.open(spool(), run, "worker alone")) {
            for (int step = 0; step < 10_000; step++) {
                worker.log(step, "loss", step);
            }
            worker.finish(RunStatus.FINISHED);
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(spool())))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(spoolFiles().get(0))))
                .isEqualTo("rw-------");

        try (MetricsStore store = MetricsStore.open(file())) {
            awaitImported(store, 10_001);
        }
        try (MetricsReader reader = MetricsReader.open(file())) {
            assertThat(reader.run(1))
                    .satisfies(found -> assertThat(found.uuid()).isEqualTo(run))
                    .satisfies(found -> assertThat(found.name()).isEqualTo("worker alone"))
                    .satisfies(found -> assertThat(found.status()).isEqualTo(RunStatus.FINISHED));
            assertThat(reader.series(1, "loss").size()).isEqualTo(10_000);
            assertThat(reader.series(1, "loss").steps()).isSorted();
        }
        assertThat(spoolFiles()).isEmpty();
    }

    @Test
    void close_ofTheStoreRightAfterTheWorkers_importsWhatTheyLeft() {
        MetricsStore store = MetricsStore.open(file());
        Run run = store.startRun("main", Map.of());
        try (WorkerMetrics worker = worker(store, run)) {
            for (int step = 0; step < 50_000; step++) {
                worker.log(step, "loss", step);
            }
        }
        store.close();
        assertThat(store.counts().imported()).isEqualTo(50_000);
        try (MetricsReader reader = MetricsReader.open(file())) {
            assertThat(reader.series(1, "loss").size()).isEqualTo(50_000);
        }
    }

    @Test
    void log_fourThreads_everyRecordOnceAndEachThreadInOrder() throws InterruptedException {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("threads", Map.of());
            try (WorkerMetrics worker = worker(store, run)) {
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    String own = "metric" + i;
                    Thread thread = new Thread(() -> {
                        for (int step = 0; step < 5_000; step++) {
                            worker.log(step, own, step);
                        }
                    });
                    threads.add(thread);
                    thread.start();
                }
                for (Thread thread : threads) {
                    thread.join();
                }
            }
            awaitImported(store, 20_000);
            try (MetricsReader reader = MetricsReader.open(file())) {
                for (int i = 0; i < 4; i++) {
                    assertThat(reader.series(1, "metric" + i).steps())
                            .hasSize(5_000)
                            .isSorted()
                            .doesNotHaveDuplicates();
                }
            }
        }
    }

    @Test
    void log_interruptedThread_isKeptAllTheSame() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("interrupted", Map.of());
            try (WorkerMetrics worker = worker(store, run)) {
                Thread.currentThread().interrupt();
                worker.log(1, "loss", 1);
                worker.log(2, "loss", 2);
                assertThat(Thread.interrupted()).isTrue();
                worker.log(3, "loss", 3);
            }
            awaitImported(store, 3);
        }
    }

    @Test
    void log_namesNobodyCanStore_losesOnlyThoseAndCountsThem() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("poison", Map.of());
            try (WorkerMetrics worker = worker(store, run)) {
                worker.log(1, "x".repeat(1_000_000), 1);
                worker.log(2, "", 1);
                worker.log(3, "x".repeat(600), 1);
                worker.log(4, "loss", 1);
                assertThat(worker.dropped()).as("no frame holds it").isEqualTo(1);
            }
            await(() -> store.counts().imported() == 1);
        }
        try (MetricsReader reader = MetricsReader.open(file())) {
            assertThat(reader.stepNames(1)).containsExactly("loss");
            assertThat(reader.summary().droppedCount()).isEqualTo(1);
        }
    }

    @Test
    void log_nobodyImportsAndTheRoomIsUsed_dropsAndTellsHowMuch() {
        WorkerSettings small =
                new WorkerSettings(FrameWriterSettings.defaults().withSizes(4_096, 20_000), Duration.ofMillis(5), 0.5);
        UUID run = UUID.randomUUID();
        long dropped;
        try (WorkerMetrics worker = WorkerMetrics.open(spool(), run, "small", small)) {
            for (int step = 0; step < 150; step++) {
                worker.log(step, "loss", step);
                worker.resource("cpu", "system_total", step);
            }
            assertThat(worker.dropped()).as("resources first").isPositive().isLessThan(150);
            long resources = worker.dropped();
            for (int step = 150; step < 2_000; step++) {
                worker.log(step, "loss", step);
            }
            dropped = worker.dropped();
            assertThat(dropped).isGreaterThan(resources + 1_000);
            try (MetricsStore store = MetricsStore.open(file())) {
                await(() -> store.counts().imported() > 300);
                await(() -> spoolFiles().size() <= 1);
                worker.log(2_000, "loss", 2_000);
                assertThat(worker.dropped()).as("room again").isEqualTo(dropped);
            }
        }
        try (MetricsStore store = MetricsStore.open(file())) {
            store.flush(LONG);
        }
        try (MetricsReader reader = MetricsReader.open(file())) {
            long[] steps = reader.series(1, "loss").steps();
            assertThat(steps).isSorted().doesNotHaveDuplicates();
            assertThat(steps[steps.length - 1]).isEqualTo(2_000);
            assertThat(reader.summary().droppedCount()).isEqualTo(dropped);
        }
    }

    @Test
    void ofEnvironment_settings_openTheRunOfTheMainProcess() {
        assertThat(WorkerMetrics.ofEnvironment()).isEmpty();
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("main", Map.of());
            store.workerEnvironment(run).forEach(System::setProperty);
            try (WorkerMetrics worker = WorkerMetrics.ofEnvironment().orElseThrow()) {
                worker.log(1, "loss", 1);
            }
            awaitImported(store, 1);
            System.setProperty(WorkerMetrics.RUN, "none");
            assertThatThrownBy(WorkerMetrics::ofEnvironment)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("found 'none'");
        } finally {
            List.of(WorkerMetrics.SPOOL, WorkerMetrics.RUN, WorkerMetrics.RUN_NAME)
                    .forEach(System::clearProperty);
        }
        try (MetricsReader reader = MetricsReader.open(file());
                Database database = Database.open(file(), Access.READ)) {
            assertThat(reader.runs()).hasSize(1);
            assertThat(database.queryLong("SELECT last_seq FROM producer")).isPositive();
        }
    }

    @Test
    void put_fullQueue_spillsInOrderAndFlushCoversIt() throws Exception {
        WriteQueueSettings small = WriteQueueSettings.defaults()
                .withCapacity(64)
                .withOverload(WriteQueueSettings.Overload.SPILL, Duration.ofMillis(1));
        try (MetricsStore store = MetricsStore.open(file(), small)) {
            Run run = store.startRun("spilling", Map.of());
            assertThat(store.flush(LONG)).isTrue();
            try (Database foreign = Database.open(file(), Access.LIVE)) {
                foreign.execute("BEGIN IMMEDIATE");
                for (int step = 0; step < 5_000; step++) {
                    run.log(step, "loss", step);
                }
                run.supersedeAfter(2_999);
                for (int step = 3_000; step < 4_000; step++) {
                    run.log(step, "loss", -step);
                }
                assertThat(store.counts().spilled()).isGreaterThan(5_500);
                assertThat(store.flush(Duration.ofMillis(100))).isFalse();
                foreign.execute("COMMIT");
            }
            assertThat(store.flush(LONG)).isTrue();
            assertThat(store.counts().dropped()).isZero();
            assertThat(store.counts().written()).isEqualTo(6_002);
            try (MetricsReader reader = MetricsReader.open(file())) {
                double[] values = reader.series(1, "loss").values();
                assertThat(values).hasSize(4_000);
                assertThat(values[2_999]).isEqualTo(2_999);
                assertThat(values[3_000]).isEqualTo(-3_000);
            }
            run.log(4_000, "loss", 1);
            assertThat(store.flush(LONG)).isTrue();
            assertThat(store.counts().pending()).isZero();
        }
        assertThat(spoolFiles()).isEmpty();
    }

    @Test
    void put_manyThreadsWhileSpillingBeginsAndEnds_keepsTheOrderOfEachThread() throws Exception {
        int threads = 8;
        int steps = 4_000;
        WriteQueueSettings tiny = WriteQueueSettings.defaults()
                .withCapacity(4)
                .withOverload(WriteQueueSettings.Overload.SPILL, Duration.ofNanos(200_000));
        try (MetricsStore store = MetricsStore.open(file(), tiny)) {
            Run run = store.startRun("spilling", Map.of());
            Thread[] producers = new Thread[threads];
            for (int i = 0; i < threads; i++) {
                String name = "loss" + i;
                producers[i] = new Thread(() -> {
                    for (int step = 0; step < steps; step++) {
                        run.log(step, name, step);
                    }
                });
                producers[i].start();
            }
            for (Thread producer : producers) {
                producer.join();
            }
            assertThat(store.flush(LONG)).isTrue();
            assertThat(store.counts().spilled()).isPositive();
            assertThat(store.counts().written()).isEqualTo(store.counts().accepted());
            try (MetricsReader reader = MetricsReader.open(file())) {
                for (int i = 0; i < threads; i++) {
                    assertThat(reader.series(1, "loss" + i).steps())
                            .as("thread %d", i)
                            .hasSize(steps)
                            .isSorted();
                }
            }
        }
    }

    @Test
    void import_folderOfAnOpenStore_isRefusedNamingWhoImports() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("main", Map.of());
            try (WorkerMetrics worker = worker(store, run)) {
                worker.log(1, "loss", 1);
                awaitImported(store, 1);
            }
            Path elsewhere = folder.resolve("elsewhere.db");
            assertThatThrownBy(() -> MetricsImport.run(store.spoolFolder(), elsewhere))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("importing from it");
        }
    }

    private WorkerMetrics worker(MetricsStore store, Run run) {
        return WorkerMetrics.open(store.spoolFolder(), run.uuid(), run.name());
    }

    private static void awaitImported(MetricsStore store, long records) {
        await(() -> store.counts().imported() >= records);
        assertThat(store.counts().imported()).isEqualTo(records);
    }

    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() - deadline < 0) {
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private List<Path> spoolFiles() {
        try (Stream<Path> files = Files.exists(spool()) ? Files.list(spool()) : Stream.empty()) {
            return files.filter(file -> file.toString().endsWith(".spool")).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path spool() {
        return folder.resolve("metrics.db.spool");
    }

    private Path file() {
        return folder.resolve("metrics.db");
    }
}
