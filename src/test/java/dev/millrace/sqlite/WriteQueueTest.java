package dev.millrace.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.millrace.sqlite.EntryQueue.Entry;
import dev.millrace.sqlite.EntryQueue.Trouble;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WriteQueueTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final WriteQueueSettings LAZY = WriteQueueSettings.defaults().withFlush(4_096, Duration.ofHours(1));

    @TempDir
    private Path folder;

    private final Trouble trouble = new Trouble();

    @Test
    void flush_intervalFarAway_makesRecordsVisibleToReaders() {
        Path file = file();
        try (WriteQueue<Entry> queue = EntryQueue.open(file, LAZY, trouble)) {
            put(queue, 0, 20);
            assertThat(EntryQueue.count(file)).isZero();
            assertThat(queue.flush(LONG)).isTrue();
            assertThat(EntryQueue.count(file)).isEqualTo(20);
            assertThat(queue.counts()).isEqualTo(new WriteQueueCounts(20, 20, 0, 0, 0));
            assertThat(queue.flush(Duration.ZERO)).as("nothing to wait for").isTrue();
        }
    }

    @Test
    void put_enoughForABatch_isWrittenWithoutFlush() throws InterruptedException {
        Path file = file();
        WriteQueueSettings document = WriteQueueSettings.defaults().withFlush(100, Duration.ofHours(1));
        try (WriteQueue<Entry> queue = EntryQueue.open(file, document, trouble)) {
            put(queue, 0, 99);
            Thread.sleep(50);
            assertThat(queue.counts().written()).isZero();
            put(queue, 1, 1);
            awaitWritten(queue, 100);
        }
    }

    @Test
    void put_fewRecords_areWrittenWhenTheIntervalIsOver() {
        WriteQueueSettings quick = WriteQueueSettings.defaults().withFlush(4_096, Duration.ofMillis(20));
        try (WriteQueue<Entry> queue = EntryQueue.open(file(), quick, trouble)) {
            put(queue, 0, 3);
            awaitWritten(queue, 3);
        }
    }

    @Test
    void close_recordsWaiting_writesAllAndCountsExactly() {
        Path file = file();
        WriteQueue<Entry> queue = EntryQueue.open(file, LAZY, trouble);
        put(queue, 0, 2_000);
        queue.close();
        queue.close();
        assertThat(queue.counts()).isEqualTo(new WriteQueueCounts(2_000, 2_000, 0, 0, 0));
        assertThat(EntryQueue.count(file)).isEqualTo(2_000);
        assertThat(queue.flush(Duration.ZERO)).isTrue();
        assertThatThrownBy(() -> queue.put(new Entry(1, 0, "late")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("queue is closed");
    }

    @Test
    void close_noReaderLeft_leavesOneFileInRollbackMode() {
        Path file = file();
        EntryQueue.open(file, LAZY, trouble).close();
        assertThat(folder.resolve("entries.db-wal")).doesNotExist();
        try (Database database = Database.open(file, Access.READ)) {
            assertThat(database.queryText("PRAGMA journal_mode")).isEqualTo("delete");
        }
    }

    @Test
    void close_readerPresent_stillClosesAtOnce() {
        Path file = file();
        WriteQueue<Entry> queue = EntryQueue.open(file, LAZY, trouble);
        put(queue, 0, 10);
        assertThat(queue.flush(LONG)).isTrue();
        try (Database reader = Database.open(file, Access.READ)) {
            assertThat(reader.queryLong("SELECT count(*) FROM entry")).isEqualTo(10);
            long start = System.nanoTime();
            queue.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            assertThat(reader.queryLong("SELECT count(*) FROM entry")).isEqualTo(10);
        }
    }

    @Test
    void put_fourProducers_everyRecordIsAccountedFor() throws InterruptedException {
        Path file = file();
        int each = 50_000;
        WriteQueue<Entry> queue = EntryQueue.open(file, WriteQueueSettings.defaults(), trouble);
        List<Thread> producers = new ArrayList<>();
        long[] accepted = new long[4];
        for (int i = 0; i < 4; i++) {
            int producer = i;
            Thread thread = new Thread(() -> {
                for (int number = 0; number < each; number++) {
                    accepted[producer] += queue.put(new Entry(producer, number, "x")) ? 1 : 0;
                }
            });
            producers.add(thread);
            thread.start();
        }
        for (Thread thread : producers) {
            thread.join();
        }
        queue.close();
        long total = accepted[0] + accepted[1] + accepted[2] + accepted[3];
        assertThat(queue.counts()).isEqualTo(new WriteQueueCounts(total, total, 0, 0, 4L * each - total));
        assertThat(EntryQueue.count(file)).isEqualTo(total);
    }

    @Test
    void put_recordsTheDatabaseRefuses_rejectsOnlyThose() {
        Path file = file();
        try (WriteQueue<Entry> queue = EntryQueue.open(file, LAZY, trouble)) {
            for (int number = 0; number < 3_000; number++) {
                boolean bad = number % 1_000 == 17;
                queue.put(new Entry(0, bad ? -number : number, number % 1_000 == 18 ? null : "good"));
            }
            queue.put(new Entry(0, 1, "same key again"));
            assertThat(queue.flush(LONG)).isTrue();
            assertThat(queue.counts()).isEqualTo(new WriteQueueCounts(3_001, 2_994, 7, 0, 0));
        }
        assertThat(EntryQueue.count(file)).isEqualTo(2_994);
    }

    @Test
    void put_diskFull_keepsRecordsAndGoesOnWhenThereIsRoom() throws InterruptedException {
        Path file = file();
        trouble.maxPages.set(12);
        try (WriteQueue<Entry> queue = EntryQueue.open(file, LAZY, trouble)) {
            String big = "x".repeat(1_000);
            for (int number = 0; number < 200; number++) {
                queue.put(new Entry(0, number, big));
            }
            assertThat(queue.flush(Duration.ofMillis(300))).isFalse();
            assertThat(queue.failure()).isInstanceOf(StorageFullException.class).hasMessageContaining("no space left");
            assertThat(queue.counts()).isEqualTo(new WriteQueueCounts(200, 0, 0, 0, 0));
            assertThat(EntryQueue.count(file)).as("no part of the batch").isZero();
            trouble.maxPages.set(0);
            assertThat(queue.flush(LONG)).isTrue();
            assertThat(queue.failure()).isNull();
        }
        assertThat(EntryQueue.count(file)).isEqualTo(200);
    }

    @Test
    void close_diskStaysFull_givesUpAndSaysHowManyAreLost() {
        Path file = file();
        trouble.maxPages.set(12);
        WriteQueue<Entry> queue = EntryQueue.open(file, LAZY.withDrainTimeout(Duration.ofMillis(200)), trouble);
        for (int number = 0; number < 5_000; number++) {
            queue.put(new Entry(0, number, "x".repeat(1_000)));
        }
        queue.close();
        assertThat(queue.counts()).isEqualTo(new WriteQueueCounts(5_000, 0, 0, 5_000, 0));
        assertThat(queue.flush(Duration.ZERO)).isFalse();
        assertThat(EntryQueue.count(file)).isZero();
    }

    @Test
    void put_lockedByAnotherWriter_waitsAndWritesAfterwards() throws Exception {
        Path file = file();
        try (WriteQueue<Entry> queue = EntryQueue.open(file, LAZY, trouble)) {
            try (Database foreign = Database.open(file, Access.LIVE)) {
                foreign.execute("BEGIN IMMEDIATE");
                put(queue, 0, 5);
                assertThat(queue.flush(Duration.ofMillis(200))).isFalse();
                foreign.execute("COMMIT");
            }
            assertThat(queue.flush(LONG)).isTrue();
            assertThat(queue.counts().written()).isEqualTo(5);
        }
    }

    @Test
    void put_queueFullAndDrop_waitsShortlyThenCounts() {
        trouble.sleepMillis.set(500);
        WriteQueueSettings small =
                LAZY.withCapacity(64).withOverload(WriteQueueSettings.Overload.DROP, Duration.ofMillis(20));
        try (WriteQueue<Entry> queue = EntryQueue.open(file(), small, trouble)) {
            long dropped = 0;
            long longest = 0;
            for (int number = 0; number < 200; number++) {
                long start = System.nanoTime();
                boolean kept = queue.put(new Entry(0, number, "x"));
                if (!kept) {
                    dropped++;
                    longest = Math.max(longest, System.nanoTime() - start);
                }
            }
            assertThat(dropped).isPositive();
            assertThat(Duration.ofNanos(longest)).isLessThan(Duration.ofMillis(400));
            trouble.sleepMillis.set(0);
            assertThat(queue.flush(LONG)).isTrue();
            assertThat(queue.counts()).isEqualTo(new WriteQueueCounts(200 - dropped, 200 - dropped, 0, 0, dropped));
        }
    }

    @Test
    void put_queueFullAndFail_throwsWithTheFacts() {
        trouble.maxPages.set(1);
        WriteQueueSettings small =
                LAZY.withCapacity(64).withOverload(WriteQueueSettings.Overload.FAIL, Duration.ofMillis(20));
        WriteQueue<Entry> queue = EntryQueue.open(file(), small.withDrainTimeout(Duration.ZERO), trouble);
        try {
            // Until the writer holds a batch that it cannot write: from then on nothing leaves the queue.
            long deadline = System.nanoTime() + LONG.toNanos();
            for (int producer = 1; queue.failure() == null && System.nanoTime() - deadline < 0; producer++) {
                put(queue, producer, 32);
                queue.flush(Duration.ofMillis(100));
            }
            assertThatThrownBy(() -> put(queue, 0, 1_000_000))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("expected room within 20 ms, found 64 records waiting")
                    .hasMessageContaining("no space left");
        } finally {
            queue.close();
        }
    }

    @Test
    void put_queueFullAndBlock_losesNothing() {
        trouble.sleepMillis.set(20);
        WriteQueueSettings small =
                LAZY.withCapacity(64).withOverload(WriteQueueSettings.Overload.BLOCK, Duration.ofMillis(1));
        try (WriteQueue<Entry> queue = EntryQueue.open(file(), small, trouble)) {
            put(queue, 0, 1_000);
            assertThat(queue.flush(LONG)).isTrue();
            assertThat(queue.counts()).isEqualTo(new WriteQueueCounts(1_000, 1_000, 0, 0, 0));
        }
    }

    @Test
    void putSample_moreThanMayWait_losesTheOldestAndCountsThem() {
        try (WriteQueue<Entry> queue = EntryQueue.open(file(), LAZY, trouble)) {
            for (int number = 0; number < 6_000; number++) {
                assertThat(queue.putSample(new Entry(0, number, "sample"))).isTrue();
            }
            assertThat(queue.flush(LONG)).isTrue();
            WriteQueueCounts counts = queue.counts();
            assertThat(counts.accepted()).isEqualTo(6_000);
            assertThat(counts.droppedSamples()).isEqualTo(6_000 - 4_096);
            assertThat(counts.written()).isEqualTo(4_096);
            assertThat(counts.pending()).isZero();
        }
        try (Database database = Database.open(file(), Access.READ)) {
            assertThat(database.queryLong("SELECT min(number) FROM entry")).isEqualTo(6_000 - 4_096);
        }
    }

    @Test
    void idle_nothingIsPut_isToldThatTimeGoesBy() {
        WriteQueueSettings restless = LAZY.withIntervals(Duration.ofMillis(20), Duration.ofMillis(20));
        try (WriteQueue<Entry> queue = EntryQueue.open(file(), restless, trouble)) {
            long deadline = System.nanoTime() + LONG.toNanos();
            while (trouble.idleTicks.get() < 3 && System.nanoTime() - deadline < 0) {
                Thread.onSpinWait();
            }
            assertThat(trouble.idleTicks.get()).isGreaterThanOrEqualTo(3);
            put(queue, 0, 1);
            assertThat(queue.flush(LONG)).isTrue();
        }
    }

    @Test
    void read_besideTheWriter_seesWholeBatchesOnly() throws InterruptedException {
        Path file = file();
        WriteQueueSettings quick = WriteQueueSettings.defaults().withFlush(50, Duration.ofMillis(5));
        try (WriteQueue<Entry> queue = EntryQueue.open(file, quick, trouble)) {
            put(queue, 0, 1);
            assertThat(queue.flush(LONG)).isTrue();
            Thread producer = new Thread(() -> put(queue, 1, 60_000));
            producer.start();
            long last = 0;
            int reads = 0;
            try (Database reader = Database.open(file, Access.READ)) {
                while (producer.isAlive() || reads < 50) {
                    reader.execute("BEGIN");
                    long entries = reader.queryLong("SELECT count(*) FROM entry");
                    long counted = reader.queryLong("SELECT entries FROM batch ORDER BY batch_id DESC LIMIT 1");
                    reader.execute("COMMIT");
                    assertThat(entries).isEqualTo(counted).isGreaterThanOrEqualTo(last);
                    last = entries;
                    reads++;
                }
            }
            producer.join();
        }
    }

    @Test
    void open_twiceInOneProcess_isRefusedAndLeavesTheFirstAlone() {
        Path file = file();
        try (WriteQueue<Entry> queue = EntryQueue.open(file, LAZY, trouble)) {
            assertThatThrownBy(() -> EntryQueue.open(file, LAZY, trouble))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("this process already is writing to it");
            put(queue, 0, 1);
            assertThat(queue.flush(LONG)).isTrue();
        }
        EntryQueue.open(file, LAZY, trouble).close();
    }

    @Test
    void open_bySymbolicLink_isTheSameFile() throws Exception {
        Path file = file();
        EntryQueue.open(file, LAZY, trouble).close();
        Path link = Files.createSymbolicLink(folder.resolve("link.db"), file);
        try (WriteQueue<Entry> queue = EntryQueue.open(file, LAZY, trouble)) {
            assertThat(queue.file()).isEqualTo(file.toRealPath());
            assertThatThrownBy(() -> EntryQueue.open(link, LAZY, trouble)).isInstanceOf(DatabaseException.class);
        }
    }

    @Test
    void open_newerOrOtherFile_isRefusedUntouched() throws Exception {
        Path file = file();
        EntryQueue.open(file, LAZY, trouble).close();
        try (Database database = Database.open(file, Access.LIVE)) {
            database.execute("PRAGMA user_version=2", "PRAGMA journal_mode=DELETE");
        }
        byte[] before = Files.readAllBytes(file);
        assertThatThrownBy(() -> EntryQueue.open(file, LAZY, trouble))
                .isInstanceOf(SchemaMismatchException.class)
                .hasMessageContaining("too new");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void open_folderMissing_saysSo() {
        assertThatThrownBy(() -> EntryQueue.open(folder.resolve("no/entries.db"), LAZY, trouble))
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining("Check that its folder exists");
    }

    @Test
    void flush_interrupted_returnsFalseAndKeepsTheFlag() {
        trouble.sleepMillis.set(200);
        try (WriteQueue<Entry> queue = EntryQueue.open(file(), LAZY, trouble)) {
            put(queue, 0, 1);
            Thread.currentThread().interrupt();
            assertThat(queue.flush(LONG)).isFalse();
            assertThat(Thread.interrupted()).isTrue();
            trouble.sleepMillis.set(0);
            assertThat(queue.flush(LONG)).isTrue();
        }
    }

    @Test
    void flushOrFail_fileWritable_returnsWhenAllIsCommitted() {
        try (WriteQueue<Entry> queue = EntryQueue.open(file(), LAZY, trouble)) {
            queue.flushOrFail();
            put(queue, 0, 20);
            queue.flushOrFail();
            assertThat(EntryQueue.count(file())).isEqualTo(20);
            assertThat(queue.failures()).isZero();
        }
    }

    @Test
    void flushOrFail_diskFull_throwsAndWorksOnceThereIsRoom() {
        trouble.maxPages.set(12);
        try (WriteQueue<Entry> queue = EntryQueue.open(file(), LAZY, trouble)) {
            for (int number = 0; number < 200; number++) {
                queue.put(new Entry(0, number, "x".repeat(1_000)));
            }
            for (int attempt = 0; attempt < 3; attempt++) {
                assertTimeoutPreemptively(
                        LONG,
                        () -> assertThatThrownBy(queue::flushOrFail)
                                .isInstanceOf(DatabaseException.class)
                                .hasMessageContaining("Cannot write to " + file())
                                .hasMessageContaining("no space left")
                                .hasRootCauseInstanceOf(SQLException.class));
            }
            assertThat(queue.failures()).isGreaterThanOrEqualTo(3);
            assertThat(EntryQueue.count(file())).isZero();
            trouble.maxPages.set(0);
            assertTimeoutPreemptively(LONG, () -> {
                while (queue.counts().written() < 200) {
                    try {
                        queue.flushOrFail();
                    } catch (DatabaseException e) {
                        // An attempt that began before there was room.
                        assertThat(e).hasMessageContaining("no space left");
                    }
                }
            });
            assertThat(queue.failure()).isNull();
        }
        assertThat(EntryQueue.count(file())).isEqualTo(200);
    }

    @Test
    void flushOrFail_interrupted_goesOnAndKeepsTheFlag() {
        trouble.sleepMillis.set(100);
        try (WriteQueue<Entry> queue = EntryQueue.open(file(), LAZY, trouble)) {
            put(queue, 0, 1);
            Thread.currentThread().interrupt();
            queue.flushOrFail();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(EntryQueue.count(file())).isEqualTo(1);
        }
    }

    @Test
    void flushOrFail_givenUpAtClosing_throws() {
        trouble.maxPages.set(12);
        WriteQueue<Entry> queue = EntryQueue.open(file(), LAZY.withDrainTimeout(Duration.ZERO), trouble);
        for (int number = 0; number < 200; number++) {
            queue.put(new Entry(0, number, "x".repeat(1_000)));
        }
        queue.close();
        assertTimeoutPreemptively(
                LONG,
                () -> assertThatThrownBy(queue::flushOrFail)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("Not all records are in"));
    }

    @Test
    void committed_andRefused_areToldOfEveryRecordInOrder() {
        try (WriteQueue<Entry> queue = EntryQueue.open(file(), LAZY, trouble)) {
            put(queue, 0, 10);
            assertThat(trouble.committed).isEmpty();
            queue.flushOrFail();
            assertThat(trouble.committed)
                    .extracting(Entry::number)
                    .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
            assertThat(trouble.refused).isEmpty();
            trouble.committed.clear();
            Entry bad = new Entry(1, -1, "bad");
            queue.put(new Entry(1, 1, "good"));
            queue.put(bad);
            queue.put(new Entry(1, 2, "good"));
            queue.put(new Entry(1, 1, "there already"));
            queue.flushOrFail();
            assertThat(trouble.committed).extracting(Entry::number).containsExactly(1L, 2L);
            assertThat(trouble.refused).hasSize(2).contains(bad);
        }
        assertThat(EntryQueue.count(file())).isEqualTo(12);
    }

    @Test
    void committed_transactionFailedBefore_isToldOnce() {
        trouble.maxPages.set(12);
        try (WriteQueue<Entry> queue = EntryQueue.open(file(), LAZY, trouble)) {
            for (int number = 0; number < 200; number++) {
                queue.put(new Entry(0, number, "x".repeat(1_000)));
            }
            assertThatThrownBy(queue::flushOrFail).isInstanceOf(DatabaseException.class);
            assertThat(trouble.committed).isEmpty();
            trouble.maxPages.set(0);
            assertThat(queue.flush(LONG)).isTrue();
            assertThat(trouble.committed).hasSize(200).doesNotHaveDuplicates();
            assertThat(trouble.refused).isEmpty();
        }
    }

    @Test
    void largestBatch_moreWait_writesSeveralTransactionsOfThatSize() {
        WriteQueueSettings small =
                WriteQueueSettings.defaults().withFlush(10, Duration.ofHours(1)).withLargestBatch(10);
        trouble.sleepMillis.set(1);
        try (WriteQueue<Entry> queue = EntryQueue.open(file(), small, trouble)) {
            put(queue, 0, 100);
            assertThat(queue.flush(LONG)).isTrue();
        }
        assertThat(largestBatch()).isLessThanOrEqualTo(10);
        try (WriteQueue<Entry> queue = EntryQueue.open(file(), LAZY.withLargestBatch(8_192), trouble)) {
            put(queue, 1, 4_000);
            assertThat(queue.flush(LONG)).isTrue();
        }
        assertThat(largestBatch()).isEqualTo(4_000);
        assertThatThrownBy(() -> small.withLargestBatch(9))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("transactions of 10 records");
        assertThat(small.withFlush(50, LONG).largestBatch()).isEqualTo(50);
    }

    private long largestBatch() {
        try (Database database = Database.open(file(), Access.READ)) {
            return database.queryLong("SELECT max(entries - before) FROM (SELECT entries,"
                    + " lag(entries, 1, 0) OVER (ORDER BY batch_id) AS before FROM batch)");
        }
    }

    @Test
    void open_first_isCalledForANewFileOnlyAndIsThereOrTheFileIsNot() {
        assertThatThrownBy(() -> open(database -> {
                    throw new IllegalStateException("not yet");
                }))
                .hasMessage("not yet");
        assertThat(file()).doesNotExist();
        open(database -> database.execute("INSERT INTO entry VALUES (7, 7, 'first')"))
                .close();
        assertThat(EntryQueue.count(file())).isEqualTo(1);
        open(database -> {
                    throw new IllegalStateException("never called again");
                })
                .close();
        assertThat(EntryQueue.count(file())).isEqualTo(1);
    }

    private WriteQueue<Entry> open(Consumer<Database> first) {
        return WriteQueue.open(
                file(), EntryQueue.SCHEMA, first, connection -> EntryQueue.sink(connection, trouble), LAZY, null);
    }

    @Test
    void settings_outOfRange_areRefused() {
        WriteQueueSettings settings = WriteQueueSettings.defaults();
        assertThatThrownBy(() -> settings.withCapacity(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> settings.withFlush(0, LONG)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> settings.withFlush(10, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThat(settings.withCapacity(10).flushRecords()).isEqualTo(10);
    }

    private Path file() {
        return folder.resolve("entries.db");
    }

    private static void put(WriteQueue<Entry> queue, long producer, int count) {
        for (int number = 0; number < count; number++) {
            queue.put(new Entry(producer, number, "entry"));
        }
    }

    private static void awaitWritten(WriteQueue<Entry> queue, long expected) {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (queue.counts().written() < expected && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
        }
        assertThat(queue.counts().written()).isEqualTo(expected);
    }
}
