package dev.millrace.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the file after its writer was killed or asked to end. */
final class WriteQueueKillTest {
    private static final long SEED = 20261120;

    @TempDir
    private Path folder;

    @Test
    void kill_whileFourThreadsPut_keepsWhatWasFlushedAndWholeBatches() throws Exception {
        killRepeatedly(12);
    }

    @Test
    @Tag("campaign")
    void kill_manyTimes_keepsWhatWasFlushedAndWholeBatches() throws Exception {
        killRepeatedly(300);
    }

    @Test
    void terminate_with200000Queued_drainsAllOfThem() throws Exception {
        Path file = folder.resolve("entries.db");
        try (ChildJvm child = ChildJvm.start(folder, EntryChild.class, file.toString(), "0", "once")) {
            assertThat(child.readLine()).isEqualTo("200000 0");
            child.terminate();
            assertThat(child.await()).isEqualTo(143);
        }
        assertThat(EntryQueue.count(file)).isEqualTo(200_000);
    }

    @Test
    void open_whileAnotherProcessWrites_namesThatProcess() throws Exception {
        Path file = folder.resolve("entries.db");
        try (ChildJvm child = ChildJvm.start(folder, EntryChild.class, file.toString(), "0")) {
            assertThat(child.readLine()).startsWith("ack");
            assertThatThrownBy(() -> EntryQueue.open(file, WriteQueueSettings.defaults(), new EntryQueue.Trouble()))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("entries.db")
                    .hasMessageContaining("process ")
                    .hasMessageContaining("is writing to it");
            child.kill();
            child.await();
        }
        // The lock goes with its holder.
        EntryQueue.open(file, WriteQueueSettings.defaults(), new EntryQueue.Trouble())
                .close();
    }

    private void killRepeatedly(int kills) throws IOException, InterruptedException {
        Random random = new Random(SEED);
        for (int round = 0; round < kills; round++) {
            // Most rounds go on with the file that the one before left; a new one now and then keeps the checks short.
            Path file = folder.resolve("entries" + round / 4 + ".db");
            long firstProducer = round * 4L;
            String last;
            try (ChildJvm child =
                    ChildJvm.start(folder, EntryChild.class, file.toString(), Long.toString(firstProducer))) {
                last = child.readLine();
                assertThat(last).as("round %d, seed %d", round, SEED).startsWith("ack");
                Thread.sleep(random.nextInt(200));
                child.kill();
                for (String line : child.remainingLines()) {
                    // The last line may be cut.
                    last = line.matches("ack( \\d+){4}") ? line : last;
                }
                assertThat(child.await()).isEqualTo(137);
            }
            checkAfterKill(file, round, last);
        }
    }

    private static void checkAfterKill(Path file, int round, String ack) {
        String[] acknowledged = ack.split(" ", -1);
        try (Database database = Database.open(file, Access.READ)) {
            assertThat(database.queryText("PRAGMA integrity_check")).isEqualTo("ok");
            for (int i = 0; i < 4; i++) {
                long producer = round * 4L + i;
                long stored = database.queryLong("SELECT count(*) FROM entry WHERE producer = ?", producer);
                long last = database.queryLong("SELECT max(number) FROM entry WHERE producer = ?", producer);
                assertThat(stored)
                        .as("entries of producer %d in round %d", i, round)
                        .isGreaterThanOrEqualTo(Long.parseLong(acknowledged[i + 1]));
                assertThat(stored == 0 ? 0 : last + 1)
                        .as("entries without a gap")
                        .isEqualTo(stored);
            }
            assertThat(database.queryLong("SELECT count(*) FROM entry"))
                    .as("entries counted by the last whole batch")
                    .isEqualTo(database.queryLong("SELECT entries FROM batch ORDER BY batch_id DESC LIMIT 1"));
        }
    }
}
