package dev.millrace.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.spool.FrameWriterSettings;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.ChildJvm;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.WriteQueue;
import dev.millrace.sqlite.WriteQueueCounts;
import dev.millrace.sqlite.WriteQueueSettings;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many processes at once, full disks, locks of strangers, damaged files: what was acknowledged still arrives, once. */
final class IngestTroubleTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @Test
    void report_eightProducersInFourProcesses_allArriveAndNobodySeesALock() throws Exception {
        reportFrom(3, 2, 2, 10_000);
    }

    @Test
    @Tag("campaign")
    void report_thirtyTwoProcesses_allArriveAndNobodySeesALock() throws Exception {
        reportFrom(24, 1, 8, 100_000);
    }

    /** Each producer has a run of its own. */
    private void reportFrom(int machines, int producersEach, int pythons, int steps) throws Exception {
        List<ChildJvm> children = new ArrayList<>();
        List<Process> others = new ArrayList<>();
        int producers = machines * producersEach + (hasPython() ? pythons : 0);
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("main", Map.of());
            String spool = store.spoolFolder().toString();
            for (int i = 0; i < machines; i++) {
                children.add(ChildJvm.start(
                        folder,
                        SpoolChild.class,
                        "burst",
                        spool,
                        Integer.toString(producersEach),
                        Integer.toString(steps)));
            }
            for (int i = 0; i < pythons && hasPython(); i++) {
                others.add(python(spool, steps));
            }
            int own = 0;
            while (store.counts().imported() < (long) producers * steps) {
                assertThat(store.failure()).isNull();
                run.log(own, "own", own++);
                assertThat(store.flush(LONG)).isTrue();
                Thread.sleep(10);
                assertThat(own).as("%s", store.counts()).isLessThan(30_000);
            }
            for (ChildJvm child : children) {
                assertThat(child.remainingLines()).containsExactly("done");
            }
            for (Process other : others) {
                assertThat(other.waitFor(60, TimeUnit.SECONDS)).isTrue();
            }
            try (MetricsReader reader = MetricsReader.open(file())) {
                assertThat(reader.series(1, "own").size()).isEqualTo(own);
                assertThat(reader.runs()).hasSize(1 + producers);
                for (RunInfo found : reader.runs().subList(1, 1 + producers)) {
                    long[] stored = reader.series(found.id(), "loss").steps();
                    assertThat(stored).hasSize(steps);
                    for (int step = 0; step < steps; step++) {
                        assertThat(stored[step]).isEqualTo(step);
                    }
                }
            }
        } finally {
            children.forEach(ChildJvm::close);
            others.forEach(Process::destroyForcibly);
        }
    }

    @Test
    void close_databaseStaysFull_keepsEverythingInOrderForTheNextProcess() {
        AtomicInteger maxPages = new AtomicInteger(60);
        WriteQueueSettings settings = WriteQueueSettings.defaults()
                .withCapacity(4_096)
                .withOverload(WriteQueueSettings.Overload.SPILL, Duration.ofMillis(1))
                .withDrainTimeout(Duration.ofMillis(200));
        SpoolBacklog spools = backlog();
        WriteQueue<MetricRecord> queue = limited(maxPages, settings, spools);
        RunIds runIds = RunIds.of(file());
        spools.begin(runIds);
        UUID uuid = UUID.randomUUID();
        Run run = new Run(queue, Clock.systemUTC(), runIds.newRun(uuid), uuid, "full", runIds.stages());
        queue.put(new MetricRecord.RunStarted(run.id(), uuid, 1, "full", Map.of(), Origin.ofThisProcess()));
        for (int step = 0; step < 15_000; step++) {
            run.log(step, "loss", step);
        }
        run.supersedeAfter(9_999);
        for (int step = 10_000; step < 20_000; step++) {
            run.log(step, "loss", -step);
        }
        queue.close();

        WriteQueueCounts counts = queue.counts();
        assertThat(counts.deferred()).isPositive();
        assertThat(counts.written() + counts.deferred()).isEqualTo(25_002);
        assertThat(counts.anyLost()).isFalse();
        assertThat(counts.pending()).isZero();

        MetricsStore.open(file()).close();
        try (MetricsReader reader = MetricsReader.open(file())) {
            assertThat(reader.runs())
                    .singleElement()
                    .satisfies(found -> assertThat(found.uuid()).isEqualTo(uuid));
            double[] values = reader.series(1, "loss").values();
            assertThat(values).hasSize(20_000);
            for (int step = 0; step < values.length; step++) {
                assertThat(values[step]).isEqualTo(step < 10_000 ? step : -step);
            }
        }
        assertThat(spoolFiles()).isEmpty();
    }

    @Test
    void import_databaseFullMeanwhile_goesOnWhereItStopped() {
        try (WorkerMetrics worker = WorkerMetrics.open(spool(), UUID.randomUUID(), "worker")) {
            for (int step = 0; step < 30_000; step++) {
                worker.log(step, "loss", step);
            }
        }
        AtomicInteger maxPages = new AtomicInteger(100);
        SpoolBacklog spools = backlog();
        WriteQueue<MetricRecord> queue = limited(maxPages, WriteQueueSettings.defaults(), spools);
        spools.begin(RunIds.of(file()));
        WorkerMetricsTest.await(() -> queue.failure() != null);
        assertThat(queue.counts().imported()).isLessThan(30_000);
        maxPages.set(1_000_000);
        WorkerMetricsTest.await(() -> queue.counts().imported() == 30_000);
        queue.close();
        try (MetricsReader reader = MetricsReader.open(file())) {
            assertThat(reader.series(1, "loss").steps())
                    .hasSize(30_000)
                    .isSorted()
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void log_diskOfTheSpoolFull_countsWhatIsDroppedAndGoesOnWhenThereIsRoom() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "mounting needs root");
        Path disk = Files.createDirectories(folder.resolve("disk"));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString()) == 0,
                "a tmpfs cannot be mounted here");
        try {
            Path ballast = Files.write(disk.resolve("ballast"), new byte[512 << 10]);
            Path spool = disk.resolve("spool");
            WorkerSettings settings = new WorkerSettings(FrameWriterSettings.defaults(), Duration.ofMillis(5), 0.9);
            long dropped;
            int kept = 0;
            try (WorkerMetrics worker = WorkerMetrics.open(spool, UUID.randomUUID(), "worker", settings)) {
                for (int step = 0; step < 20_000; step++) {
                    long before = worker.dropped();
                    worker.log(step, "loss", step);
                    kept += worker.dropped() == before ? 1 : 0;
                }
                dropped = worker.dropped();
                assertThat(dropped).isPositive();
                assertThat(kept + dropped).isEqualTo(20_000);
                Files.delete(ballast);
                for (int step = 20_000; step < 21_000; step++) {
                    worker.log(step, "loss", step);
                }
                assertThat(worker.dropped()).isEqualTo(dropped);
            }
            ImportReport report = MetricsImport.run(spool, file());
            assertThat(report).isEqualTo(new ImportReport(1, kept + 1_000, 0, 0, 0, true));
            try (MetricsReader reader = MetricsReader.open(file())) {
                long[] steps = reader.series(1, "loss").steps();
                assertThat(steps).hasSize(kept + 1_000).isSorted().doesNotHaveDuplicates();
                assertThat(reader.summary().droppedCount()).isEqualTo(dropped);
            }
        } finally {
            assertThat(run("umount", "-l", disk.toString())).isZero();
        }
    }

    @Test
    void import_strangerHoldsTheWriteLock_waitsAndLosesNothing() {
        try (MetricsStore store = MetricsStore.open(file())) {
            Run run = store.startRun("main", Map.of());
            try (Database stranger = Database.open(file(), Access.LIVE);
                    WorkerMetrics worker = WorkerMetrics.open(store.spoolFolder(), run.uuid(), "worker")) {
                assertThat(store.flush(LONG)).isTrue();
                stranger.execute("BEGIN IMMEDIATE");
                for (int step = 0; step < 1_000; step++) {
                    worker.log(step, "loss", step);
                    run.log(step, "own", step);
                }
                assertThat(store.flush(Duration.ofMillis(1_500))).isFalse();
                assertThat(store.counts().imported()).isZero();
                stranger.execute("COMMIT");
            }
            assertThat(store.flush(LONG)).isTrue();
            WorkerMetricsTest.await(() -> store.counts().imported() == 1_000);
        }
    }

    @Test
    void import_damagedFile_saysWhatIsMissingAndTakesTheRest() throws Exception {
        try (WorkerMetrics worker = WorkerMetrics.open(spool(), UUID.randomUUID(), "worker")) {
            for (int step = 0; step < 100; step++) {
                worker.log(step, "loss", step);
            }
        }
        try (RandomAccessFile file = new RandomAccessFile(spoolFiles().get(0).toFile(), "rw")) {
            file.seek(file.length() / 2);
            file.writeInt(0x55AA55AA);
        }
        ImportReport report = MetricsImport.run(spool(), file());
        assertThat(report.damaged()).isBetween(1L, 2L);
        assertThat(report.records()).isEqualTo(100 - report.damaged());
        assertThat(report.complete()).isTrue();
        try (MetricsReader reader = MetricsReader.open(file())) {
            assertThat(reader.series(1, "loss").size()).isEqualTo((int) report.records());
            assertThat(reader.summary().rejectedCount()).isEqualTo(report.damaged());
            assertThat(reader.events(1))
                    .singleElement()
                    .satisfies(event ->
                            assertThat(event.text()).contains("Damaged stretch").contains("-00000001.spool"));
        }
    }

    @Test
    void import_segmentUnreadableForAWhile_losesNothingBeforeIt() throws Exception {
        WorkerSettings small = WorkerSettings.defaults()
                .withFiles(FrameWriterSettings.defaults().withSizes(2_000, 1 << 20));
        try (WorkerMetrics worker = WorkerMetrics.open(spool(), UUID.randomUUID(), "worker", small)) {
            for (int step = 0; step < 200; step++) {
                worker.log(step, "loss", step);
            }
        }
        Path second = spoolFiles().stream()
                .filter(found -> found.toString().endsWith("-00000002.spool"))
                .findFirst()
                .orElseThrow();
        Path aside = Files.move(second, folder.resolve("aside"));
        Files.createDirectory(second);
        AtomicInteger looks = new AtomicInteger();
        ImportReport report = MetricsImport.follow(spool(), file(), soFar -> {
            if (looks.getAndIncrement() == 0) {
                try {
                    Files.delete(second);
                    Files.move(aside, second);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
            return soFar.records() < 200 && looks.get() < 20;
        });
        assertThat(report.records()).isEqualTo(200);
    }

    @Test
    void import_intoAFileInUse_isRefusedPolitely() throws Exception {
        try (ChildJvm child = ChildJvm.start(folder, SpoolChild.class, "store", file().toString(), "busy")) {
            assertThat(child.readLine()).startsWith("ack");
            assertThatThrownBy(() -> MetricsImport.run(spool(), file()))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("is writing to it");
        }
    }

    private WriteQueue<MetricRecord> limited(AtomicInteger maxPages, WriteQueueSettings settings, SpoolBacklog spools) {
        return WriteQueue.open(
                file(),
                MetricsSchema.SCHEMA,
                connection -> {
                    try (Statement statement = connection.createStatement()) {
                        statement.execute("PRAGMA max_page_count=" + maxPages.get());
                    }
                    return new MetricsSink(connection, 1);
                },
                settings,
                spools);
    }

    private SpoolBacklog backlog() {
        return new SpoolBacklog(file(), spool(), FrameWriterSettings.defaults(), Duration.ofMillis(50));
    }

    private Process python(String spool, int steps) throws IOException {
        StringBuilder script = new StringBuilder();
        Matcher blocks =
                Pattern.compile("(?s)```python\n(.*?)```").matcher(Files.readString(Path.of("docs/format.md")));
        while (blocks.find()) {
            script.append(blocks.group(1));
        }
        script.append(
                "w = SpoolWriter('%s', str(uuid.uuid4()))\nfor step in range(%d): w.log(step, 'loss', step)\nw.close()\n"
                        .formatted(spool, steps));
        Path file = Files.createTempFile(folder, "writer", ".py");
        Files.writeString(file, script);
        return new ProcessBuilder("python3", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static boolean hasPython() throws IOException {
        try {
            return run("python3", "--version") == 0;
        } catch (IOException none) {
            return false;
        }
    }

    private static int run(String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            return process.waitFor(10, TimeUnit.SECONDS) ? process.exitValue() : -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    private List<Path> spoolFiles() {
        try (Stream<Path> files = Files.exists(spool()) ? Files.list(spool()) : Stream.empty()) {
            return files.toList();
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
