package dev.millrace.bench;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import dev.millrace.batch.QueryDataset;
import dev.millrace.batch.QuerySlot;
import dev.millrace.batch.SlotTransform;
import dev.millrace.kv.CachingTransform;
import dev.millrace.kv.KvStore;
import dev.millrace.kv.PersistMode;
import dev.millrace.pcqm.FingerprintTransform;
import dev.millrace.pcqm.PcqmSample;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Epochs over a table of SMILES whose slot is CDK's circular fingerprint: computed each time, and cached. One loader thread. */
final class KvCacheBench {
    private static final int BATCH = 128;

    /* An epoch that computes is long and warms itself up; one that does not is short, and the compiler is not done with it. */
    private static final int COMPUTED_EPOCHS = 2;
    private static final int HOT_EPOCHS = 10;
    private static final int REOPENED = 5;

    private static final SlotTransform ECFP4 = new FingerprintTransform();

    private KvCacheBench() {}

    /** Rows a second of an epoch, and what its batches hold. */
    private record Epoch(double perSecond, List<Long> checksums) {}

    /**
     * Measures the gain.
     *
     * @param rows molecules, none of them twice
     * @throws IllegalStateException if a cached epoch differs from a computed one by a bit, or its rows were not what is said
     */
    static List<Figure> cache(Path folder, int rows) throws IOException {
        Path table = folder.resolve("molecules.db");
        int count = write(folder, table, rows);
        Epoch computed = best(() -> epoch(table, ECFP4, null), COMPUTED_EPOCHS);
        Epoch filling;
        Epoch hot;
        try (KvStore store = open(folder)) {
            CachingTransform cached = new CachingTransform(ECFP4, store.namespace("ecfp4"));
            filling = epoch(table, cached, store);
            require(cached.counts().computed() == count, "computed " + cached.counts() + " of " + count);
            hot = best(() -> epoch(table, cached, null), HOT_EPOCHS);
            require(cached.counts().computed() == count, "computed again: " + cached.counts());
        }
        Epoch reopened = best(() -> reopened(folder, table), REOPENED);
        for (Epoch epoch : List.of(filling, hot, reopened)) {
            require(epoch.checksums.equals(computed.checksums), "batches differ with and without the cache");
        }
        String what = "rows with CDK's ECFP4 of their SMILES as uint8 [" + FingerprintTransform.BITS + "], ";
        return List.of(
                Figure.plain("cache_none", what + "computed", computed.perSecond, "/s"),
                Figure.plain(
                        "cache_filling", "the same, first epoch with a cache, LAZY, flushed", filling.perSecond, "/s"),
                Figure.plain("cache_hot", "the same, later epochs, from memory", hot.perSecond, "/s"),
                Figure.plain(
                        "cache_file", "the same, first epoch of another run, from the file", reopened.perSecond, "/s"),
                Figure.plain("cache_hot_ratio", "from memory against computed", ratio(hot, computed), "×"),
                Figure.plain("cache_file_ratio", "from the file against computed", ratio(reopened, computed), "×"),
                Figure.plain("cache_filling_ratio", "filling against computed", ratio(filling, computed), "×"));
    }

    private static double ratio(Epoch epoch, Epoch baseline) {
        return epoch.perSecond / baseline.perSecond;
    }

    private static KvStore open(Path folder) {
        return KvStore.builder()
                .setFile(folder.resolve("features.db"))
                .optPersistMode(PersistMode.LAZY)
                .optHotBytes(512 << 20)
                .build();
    }

    /** The table, and how many different molecules were found. */
    private static int write(Path folder, Path table, int rows) throws IOException {
        Path csv = folder.resolve("molecules.csv");
        new PcqmSample(rows, 0, 42, 0, false).write(csv, done -> {});
        List<String> lines = Files.readAllLines(csv);
        try (Database database = Database.open(table, Access.BUILD)) {
            database.execute("CREATE TABLE molecule (id INTEGER PRIMARY KEY, smiles TEXT NOT NULL UNIQUE, gap REAL)");
            database.write("Cannot write the table", connection -> {
                try (PreparedStatement insert =
                        connection.prepareStatement("INSERT OR IGNORE INTO molecule (smiles, gap) VALUES (?, ?)")) {
                    for (String line : lines.subList(1, lines.size())) {
                        String[] fields = line.split(",", -1);
                        insert.setString(1, fields[1]);
                        insert.setDouble(2, Double.parseDouble(fields[2]));
                        insert.executeUpdate();
                    }
                }
            });
            return Math.toIntExact(database.queryLong("SELECT count(*) FROM molecule"));
        }
    }

    private static Epoch reopened(Path folder, Path table) {
        try (KvStore store = open(folder)) {
            CachingTransform cached = new CachingTransform(ECFP4, store.namespace("ecfp4"));
            Epoch epoch = epoch(table, cached, store);
            require(cached.counts().computed() == 0, "not kept in the file: " + cached.counts());
            return epoch;
        }
    }

    private static Epoch best(Supplier<Epoch> measured, int repeats) {
        Epoch best = measured.get();
        for (int i = 1; i < repeats; i++) {
            Epoch next = measured.get();
            require(next.checksums.equals(best.checksums), "two epochs of one order differ");
            best = next.perSecond > best.perSecond ? next : best;
        }
        return best;
    }

    /** Epoch 0 from the opening of the dataset on; what is to be stored is stored when it ends. */
    private static Epoch epoch(Path table, SlotTransform transform, @Nullable KvStore store) {
        long start = System.nanoTime();
        try (NDManager manager = NDManager.newBaseManager();
                QueryDataset dataset = QueryDataset.builder()
                        .setDatabase(table)
                        .setIds("SELECT id FROM molecule ORDER BY id")
                        .setRows("SELECT position, smiles, gap FROM batch_ids JOIN molecule USING (id)")
                        .addData(QuerySlot.computed(
                                "ecfp4", DType.UINT8, List.of(FingerprintTransform.BITS), transform, "smiles"))
                        .addLabel(QuerySlot.numbers("gap", DType.FLOAT32, "gap"))
                        .setSampling(BATCH, true)
                        .build()) {
            List<Long> checksums = new ArrayList<>();
            for (Batch batch : dataset.getData(manager)) {
                CRC32C crc = new CRC32C();
                crc.update(batch.getData().get(0).toByteBuffer());
                crc.update(batch.getLabels().get(0).toByteBuffer());
                checksums.add(crc.getValue());
                batch.close();
            }
            if (store != null) {
                store.flushWriteBuffer();
            }
            return new Epoch(dataset.size() / ((System.nanoTime() - start) / 1e9), checksums);
        } catch (IOException | TranslateException e) {
            throw new IllegalStateException("Cannot read the data", e);
        }
    }

    private static void require(boolean holds, String fault) {
        if (!holds) {
            throw new IllegalStateException("The cache cannot be measured: " + fault + ".");
        }
    }
}
