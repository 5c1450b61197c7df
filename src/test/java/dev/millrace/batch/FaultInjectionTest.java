package dev.millrace.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.ReadPool;
import dev.millrace.sqlite.Verification;
import dev.millrace.tensor.TensorBlob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damages a small database in one place at a time and reads all of it. Every time: the tensors that were written, or a
 * {@link DatabaseException}; never other tensors, another exception or no end. {@link Verification} finds every fault that
 * changes a row of any table.
 */
class FaultInjectionTest {
    private static final int GRAPHS = 120;
    private static final int BATCH = 64;
    private static final int PAGE = 4096;
    private static final int SECTOR = 512;
    private static final Duration LONGEST = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private byte[] sound = new byte[0];
    private List<String> soundRows = List.of();
    private Content written = new Content();

    private enum Fault {
        BIT,
        BYTE,
        SECTOR_ZEROED,
        PAGE_MISPLACED,
        TRUNCATED
    }

    /** What a reader gets from the file: a hash of the tensors of every id, in order. */
    private static final class Content {
        final List<Integer> tensors = new ArrayList<>();
        final Map<String, Object> settings = new HashMap<>();

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Content content
                    && tensors.equals(content.tensors)
                    && settings.equals(content.settings);
        }

        @Override
        public int hashCode() {
            return tensors.hashCode();
        }
    }

    @BeforeEach
    void write() throws IOException {
        Path file = GraphFile.write(folder.resolve("sound.db"), GRAPHS);
        sound = Files.readAllBytes(file);
        soundRows = rows(file);
        written = read(file, Access.READ);
        assertThat(written.tensors).hasSize(GRAPHS);
    }

    @Test
    void read_twoThousandFaults_neverGivesWrongTensors() throws IOException {
        inject(Access.READ, 420, 42);
    }

    @Test
    void read_faultsUnderMmap_neverGivesWrongTensors() throws IOException {
        inject(Access.READ_MAPPED, 80, 43);
    }

    @Test
    @Tag("campaign")
    void read_manyFaults_neverGivesWrongTensors() throws IOException {
        inject(Access.READ, Integer.getInteger("millrace.faults", 40_000) / Fault.values().length, System.nanoTime());
    }

    private void inject(Access access, int each, long seed) throws IOException {
        Random random = new Random(seed);
        Path file = folder.resolve("damaged.db");
        Map<String, Integer> outcomes = new TreeMap<>();
        for (Fault fault : Fault.values()) {
            for (int i = 0; i < each; i++) {
                byte[] damaged = damage(fault, random);
                Files.write(file, damaged);
                String what = fault + " " + i + ", seed " + seed;
                String outcome = Assertions.assertTimeout(LONGEST, () -> outcome(file, access, what), what);
                outcomes.merge(fault + " " + outcome, 1, Integer::sum);
            }
        }
        System.out.println(Fault.values().length * each + " faults, seed " + seed + ": " + outcomes);
        assertThat(outcomes.keySet()).anyMatch(outcome -> outcome.endsWith("refused"));
    }

    private String outcome(Path file, Access access, String what) {
        String refusal = "";
        try {
            assertThat(read(file, access).equals(written))
                    .as(what + " gave other tensors")
                    .isTrue();
        } catch (DatabaseException expected) {
            refusal = expected.getMessage();
        }
        boolean found;
        try {
            found = !Verification.verify(file).isSound();
        } catch (DatabaseException e) {
            found = true;
        }
        if (!found) {
            assertThat(refusal).as(what + " is refused when read, but verifies").isEmpty();
            assertThat(rows(file)).as(what + " changed a row, but verifies").isEqualTo(soundRows);
        }
        return !refusal.isEmpty() ? "refused" : found ? "found by verify" : "without effect";
    }

    private byte[] damage(Fault fault, Random random) {
        byte[] bytes = sound.clone();
        int at = random.nextInt(bytes.length);
        switch (fault) {
            case BIT -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case BYTE -> bytes[at] ^= (byte) (1 + random.nextInt(255));
            case SECTOR_ZEROED -> {
                int start = at / SECTOR * SECTOR;
                Arrays.fill(bytes, start, start + SECTOR, (byte) 0);
            }
            case PAGE_MISPLACED ->
                System.arraycopy(sound, random.nextInt(sound.length / PAGE) * PAGE, bytes, at / PAGE * PAGE, PAGE);
            case TRUNCATED -> bytes = Arrays.copyOf(bytes, at);
        }
        return bytes;
    }

    /** Opens the file as a dataset does, and reads every row of every split in batches. */
    private static Content read(Path file, Access access) {
        Content content = new Content();
        try (ReadPool pool = new ReadPool(file, access, 1);
                ReadPool.Lease lease = pool.lease()) {
            Database database = lease.database();
            GraphFile.SCHEMA.check(database);
            content.settings.put("digest", Manifest.digest(database, "all"));
            for (Split split : List.of(Split.TRAIN, Split.VALIDATION, Split.TEST, Split.ALL)) {
                content.settings.put(split.id(), Arrays.hashCode(Manifest.ids(database, split.id())));
            }
            long[] ids = Manifest.ids(database, "all");
            TensorJoinReader<Integer> reader =
                    new TensorJoinReader<>(lease, GraphFile.TABLES, FaultInjectionTest::hash);
            for (int from = 0; from < ids.length; from += BATCH) {
                content.tensors.addAll(reader.read(Arrays.copyOfRange(ids, from, Math.min(from + BATCH, ids.length))));
            }
        }
        return content;
    }

    private static int hash(TensorRow row) {
        int hash = Long.hashCode(row.id());
        for (TensorBlob tensor : row.tensors()) {
            hash = 31 * hash + (tensor == null ? 7 : Arrays.hashCode(tensor.shape()));
            hash = 31 * hash + (tensor == null ? 7 : Arrays.hashCode(tensor.toDoubles()));
        }
        GraphFileDataset.row(row).graph().checkEdges();
        return hash;
    }

    /** Every value of every table with its storage class. */
    private static List<String> rows(Path file) {
        List<String> rows = new ArrayList<>();
        try (Database database = Database.open(file, Access.READ)) {
            for (String columns : new String[] {
                "graphs: id, node_features, edge_index, edge_features, row_crc",
                "targets: graph_id, target, weight, row_crc",
                "names: id, name, mass",
                "split_ids: split, id_count, ids, crc",
                "manifest: table_name, split, key_column, columns, row_count, digest",
                "dataset_info: key, value"
            }) {
                String table = columns.substring(0, columns.indexOf(':'));
                String quoted = columns.substring(table.length() + 2).replaceAll("\\w+", "quote($0)");
                database.read("Cannot read " + table, open -> {
                    try (Statement statement = open.createStatement();
                            ResultSet result = statement.executeQuery(
                                    "SELECT " + quoted.replace(", ", " || ',' || ") + " FROM " + table)) {
                        while (result.next()) {
                            rows.add(table + " " + result.getString(1));
                        }
                    }
                    return table;
                });
            }
        }
        return rows;
    }
}
