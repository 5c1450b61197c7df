package dev.millrace.pcqm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Verification;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes a block in one place at a time: an error that names it, never another tensor. */
class PcqmBlockDamageTest {
    private static final int GRAPHS = 12;
    private static final int PER_BLOCK = 5;

    @TempDir
    Path folder;

    private Path file = Path.of("");
    private List<PcqmDatasetTest.Snapshot> written = List.of();

    @BeforeEach
    void write() throws Exception {
        file = PcqmFile.of(GRAPHS)
                .plain()
                .withoutEdgeAttrEach(4)
                .blocks(PER_BLOCK)
                .write(folder.resolve("blocks.db"));
        written = read(false);
        assertThat(written).hasSize(3);
    }

    @Test
    void read_anyByteOfABlockFlipped_isRefusedByName() throws Exception {
        for (long firstIdx : new long[] {5, 10}) {
            byte[] sound = block(firstIdx);
            int step = firstIdx == 10 ? 1 : 5;
            for (int at = 0; at < sound.length; at += step) {
                byte[] damaged = sound.clone();
                damaged[at] ^= (byte) (1 << at % 8);
                store(firstIdx, damaged);
                assertRefused(firstIdx, "byte " + at);
            }
            store(firstIdx, sound);
        }
        assertThat(read(false)).isEqualTo(written);
    }

    @Test
    @Tag("campaign")
    void read_anyByteOfAnyBlockChangedAtRandom_isRefusedByName() throws Exception {
        SplittableRandom random = new SplittableRandom(System.nanoTime());
        for (long firstIdx : new long[] {0, 5, 10}) {
            byte[] sound = block(firstIdx);
            for (int round = 0; round < 8 * sound.length; round++) {
                byte[] damaged = sound.clone();
                int at = random.nextInt(sound.length);
                damaged[at] ^= (byte) (1 + random.nextInt(255));
                store(firstIdx, damaged);
                assertRefused(firstIdx, "byte " + at);
            }
            store(firstIdx, sound);
        }
    }

    @Test
    void read_blockCutOrLongerOrAnothers_isRefusedByName() throws Exception {
        byte[] sound = block(5);
        for (int length : new int[] {0, 1, 4, sound.length / 2, sound.length - 1, sound.length + 1}) {
            store(5, java.util.Arrays.copyOf(sound, length));
            assertRefused(5, "length " + length);
        }
        store(5, block(0));
        assertRefused(5, "another block");
        byte[] swapped = sound.clone();
        int half = sound.length / 2;
        System.arraycopy(sound, half, swapped, 0, sound.length - half);
        System.arraycopy(sound, 0, swapped, sound.length - half, half);
        store(5, swapped);
        assertRefused(5, "halves swapped");
    }

    @Test
    void verify_changedBlock_isFound() throws Exception {
        byte[] damaged = block(5);
        damaged[77] ^= 4;
        store(5, damaged);
        assertThat(Verification.verify(file).faults()).anyMatch(fault -> fault.contains("first_idx=5"));
    }

    private void assertRefused(long firstIdx, String what) throws Exception {
        for (boolean inMemory : new boolean[] {false, true}) {
            try {
                assertThat(read(inMemory)).as(what + " gave other tensors").isEqualTo(written);
                throw new AssertionError(what + " was not noticed");
            } catch (CorruptDatabaseException e) {
                assertThat(e)
                        .as(what)
                        .hasMessageContainingAll(file.toString(), "graph_blocks", "first_idx=" + firstIdx, "idx=");
            }
        }
    }

    private List<PcqmDatasetTest.Snapshot> read(boolean inMemory) throws Exception {
        try (PcqmDataset dataset = PcqmDataset.builder()
                .setDatabase(file)
                .setSampling(4, false)
                .optLoaderThreads(0)
                .optCacheInMemory(inMemory)
                .build()) {
            return PcqmDatasetTest.batches(dataset);
        }
    }

    private byte[] block(long firstIdx) {
        try (Database database = Database.open(file, Access.READ)) {
            return database.read("read", connection -> {
                try (PreparedStatement select =
                        connection.prepareStatement("SELECT graphs FROM graph_blocks WHERE first_idx = ?")) {
                    select.setLong(1, firstIdx);
                    try (ResultSet row = select.executeQuery()) {
                        row.next();
                        return row.getBytes(1);
                    }
                }
            });
        }
    }

    private void store(long firstIdx, byte[] bytes) {
        try (Database database = Database.open(file, Access.BUILD)) {
            database.write("damage", connection -> {
                try (PreparedStatement update =
                        connection.prepareStatement("UPDATE graph_blocks SET graphs = ? WHERE first_idx = ?")) {
                    update.setBytes(1, bytes);
                    update.setLong(2, firstIdx);
                    update.executeUpdate();
                }
            });
        }
    }
}
