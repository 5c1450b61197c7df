package dev.millrace.genome;

import dev.millrace.batch.Split;
import dev.millrace.build.BuildProgress;
import dev.millrace.build.RejectedInputException;
import dev.millrace.build.Sha256;
import dev.millrace.build.SplitRatios;
import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.Database;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Draws which unit, a contig or a sample, is in which split, within temporary tables of a connection. Units of a stratum are
 * put into the order of a hash of the seed and their names; the first are train, then val, then test. One thread at a time.
 */
final class SplitDraw {
    /** Contigs below {@link #MEDIUM}, below {@link #LONG}, and longer. */
    static final int STRATA = 3;

    private static final long MEDIUM = 10_000;
    private static final long LONG = 100_000;
    private static final int ROWS_PER_TRANSACTION = 100_000;

    private static final String CANDIDATES = """
            CREATE TEMP TABLE candidates (
              contig_id TEXT NOT NULL,
              sample_id TEXT,
              length INTEGER NOT NULL,
              source_row INTEGER NOT NULL,
              unit TEXT NOT NULL,
              stratum INTEGER NOT NULL,
              draw INTEGER NOT NULL
            )""";

    private static final String INSERT = """
            INSERT INTO temp.candidates (contig_id, sample_id, length, source_row, unit, stratum, draw)
            VALUES (?, ?, ?, ?, ?, ?, ?)""";

    private static final String ASSIGNED =
            "CREATE TEMP TABLE assigned (unit TEXT PRIMARY KEY, split TEXT NOT NULL) WITHOUT ROWID";

    private static final String COUNT_UNITS = """
            SELECT stratum, count(DISTINCT unit)
              FROM temp.candidates
             WHERE ?1 = 0 OR unit NOT IN (SELECT unit FROM temp.assigned)
             GROUP BY stratum
             ORDER BY stratum""";

    private static final String ASSIGN = """
            INSERT OR IGNORE INTO temp.assigned (unit, split)
            SELECT unit, CASE WHEN place <= ?1 THEN 'train' WHEN place <= ?2 THEN 'val' ELSE 'test' END
              FROM (SELECT unit, row_number() OVER (ORDER BY draw, unit) AS place
                      FROM (SELECT DISTINCT unit, draw
                              FROM temp.candidates
                             WHERE stratum = ?3
                               AND (?4 = 0 OR unit NOT IN (SELECT unit FROM temp.assigned))))""";

    /* What is in a split stays there, and what belongs to it goes there. */
    private static final String ASSIGN_SAMPLES = """
            INSERT INTO temp.assigned (unit, split)
            SELECT c.sample_id, min(s.split)
              FROM main.contig_splits s JOIN main.contigs c ON c.seq_id = s.seq_id
             GROUP BY c.sample_id""";

    private static final String SAMPLE_IN_TWO = """
            SELECT c.sample_id || ' in ' || min(s.split) || ' and ' || max(s.split)
              FROM main.contig_splits s JOIN main.contigs c ON c.seq_id = s.seq_id
             GROUP BY c.sample_id
            HAVING min(s.split) < max(s.split)
             LIMIT 1""";

    private static final String COUNT_ASSIGNED_SAMPLES = "SELECT count(*) FROM temp.assigned WHERE split = ?";

    private static final String COUNT_ASSIGNED_CONTIGS = """
            SELECT count(*)
              FROM main.contig_splits s JOIN main.contigs c ON c.seq_id = s.seq_id
             WHERE s.split = ? AND c.length >= ? AND c.length < ?""";

    private static final String SELECT = """
            SELECT c.contig_id, c.sample_id, c.length, c.source_row, a.split
              FROM temp.candidates c JOIN temp.assigned a ON a.unit = c.unit
             ORDER BY c.contig_id, c.source_row""";

    private static final String COUNT_SAMPLES = """
            SELECT a.split, count(DISTINCT c.sample_id)
              FROM temp.candidates c JOIN temp.assigned a ON a.unit = c.unit
             GROUP BY a.split""";

    private static final String INTO_STORE = """
            INSERT INTO contig_splits (seq_id, split)
            SELECT c.source_row, a.split
              FROM temp.candidates c JOIN temp.assigned a ON a.unit = c.unit
             ORDER BY c.source_row""";

    private static final String COUNT_SAME = """
            SELECT count(*)
              FROM temp.candidates c
              JOIN temp.assigned a ON a.unit = c.unit
              JOIN main.contig_splits s ON s.seq_id = c.source_row AND s.split = a.split""";

    /** Takes contigs in the order of their names' bytes. */
    @FunctionalInterface
    interface Sink {
        void add(String contigId, @Nullable String sampleId, long length, long row, Split split) throws IOException;
    }

    private final Database database;
    private final ContigLengths contigs;
    private final ContigSplit.By by;
    private final boolean stratified;
    private final long seed;
    private final SplitRatios ratios;
    private final boolean append;
    private final Sha256 hash = new Sha256();
    private long count;

    /** @param append whether the store of the connection has splits already, which stay */
    SplitDraw(
            Database database,
            ContigLengths contigs,
            ContigSplit.By by,
            boolean stratified,
            long seed,
            SplitRatios ratios,
            boolean append) {
        this.database = database;
        this.contigs = contigs;
        this.by = by;
        this.stratified = stratified;
        this.seed = seed;
        this.ratios = ratios;
        this.append = append;
    }

    static int stratum(long length) {
        return length < MEDIUM ? 0 : length < LONG ? 1 : 2;
    }

    /**
     * How many of {@code count} units each split gets: shares rounded down, and one more for the largest remainders, the first of
     * equal ones.
     */
    static long[] shares(long count, SplitRatios ratios) {
        return shares(count, new double[] {ratios.train() * count, ratios.validation() * count, ratios.test() * count});
    }

    /**
     * How many of {@code count} more units each split gets, for all together to have their shares.
     *
     * @param there units that each split has
     */
    static long[] shares(long count, long[] there, SplitRatios ratios) {
        return shares(count, ratios.divide(count, there[0], there[1], there[2]));
    }

    private static long[] shares(long count, double[] exact) {
        long[] shares = new long[exact.length];
        long given = 0;
        for (int i = 0; i < exact.length; i++) {
            // A share such as 0.1 · 30 is not exactly 3.
            shares[i] = (long) Math.floor(exact[i] + 1e-9 * Math.max(1, exact[i]));
            given += shares[i];
        }
        for (; given < count; given++) {
            int largest = 0;
            for (int i = 1; i < exact.length; i++) {
                if (exact[i] - shares[i] > exact[largest] - shares[largest] + 1e-9) {
                    largest = i;
                }
            }
            shares[largest]++;
        }
        return shares;
    }

    /** Reads all contigs and draws. */
    void load(BuildProgress progress) throws IOException {
        database.execute("PRAGMA temp_store=FILE", CANDIDATES, ASSIGNED);
        if (append && by == ContigSplit.By.SAMPLE) {
            assignSamples();
        }
        BuildProgress.Meter meter = new BuildProgress.Meter(progress, "read", 0);
        try (BulkWriter rows = new BulkWriter(database, ROWS_PER_TRANSACTION)) {
            if (contigs instanceof StoreSplit store) {
                store.forEach((contigId, sample, length, row) -> add(rows, meter, contigId, sample, length, row));
            } else {
                contigs.forEach(
                        (contigId, length, row) -> add(rows, meter, contigId, sample(contigId, row), length, row));
            }
        }
        meter.finish();
        assign();
    }

    /** The sample that a name tells; where samples do not matter, null for a name that tells none. */
    private @Nullable String sample(String contigId, long row) {
        try {
            return contigs instanceof ShardedSplit sharded ? sharded.sampleOf(contigId) : SampleIds.of(contigId);
        } catch (IllegalArgumentException e) {
            if (by == ContigSplit.By.CONTIG) {
                return null;
            }
            throw new IllegalArgumentException(e.getMessage() + " (" + contigs.place(row) + ")", e);
        }
    }

    private void add(
            BulkWriter rows, BuildProgress.Meter meter, String contigId, @Nullable String sample, long length, long row)
            throws IOException {
        if (length < 0 || length > SortedContigs.LONGEST) {
            throw new RejectedInputException(
                    "Cannot use " + contigs.place(row) + ": expected a length from 0 to " + SortedContigs.LONGEST
                            + " of contig '" + contigId + "', found " + length + ".",
                    1,
                    count + 1);
        }
        String unit = by == ContigSplit.By.SAMPLE ? String.valueOf(sample) : contigId;
        rows.insert(INSERT, contigId, sample, length, row, unit, stratified ? stratum(length) : 0, draw(unit));
        SortedContigs.stopIfInterrupted();
        meter.advanceTo(++count);
    }

    private long draw(String unit) {
        byte[] prefix = ByteBuffer.allocate(Long.BYTES).putLong(seed).array();
        return ByteBuffer.wrap(hash.add(prefix).add(unit).digest()).getLong();
    }

    private void assignSamples() {
        String divided = database.queryText(SAMPLE_IN_TWO);
        if (divided != null) {
            throw new IllegalArgumentException("Expected every sample in one split, found " + divided + " ("
                    + database.file() + "). Its contigs were divided: add with --by contig.");
        }
        try (BulkWriter rows = new BulkWriter(database, ROWS_PER_TRANSACTION)) {
            rows.insert(ASSIGN_SAMPLES);
        }
    }

    private void assign() {
        int onlyNew = append ? 1 : 0;
        Map<Long, Long> units = database.read("Cannot count units", connection -> {
            Map<Long, Long> counts = new LinkedHashMap<>();
            try (PreparedStatement select = connection.prepareStatement(COUNT_UNITS)) {
                select.setInt(1, onlyNew);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        counts.put(rows.getLong(1), rows.getLong(2));
                    }
                }
            }
            return counts;
        });
        Map<Long, long[]> shares = new LinkedHashMap<>();
        units.forEach((stratum, count) ->
                shares.put(stratum, append ? shares(count, there(stratum), ratios) : shares(count, ratios)));
        try (BulkWriter rows = new BulkWriter(database, ROWS_PER_TRANSACTION)) {
            shares.forEach((stratum, of) -> rows.insert(ASSIGN, of[0], of[0] + of[1], stratum, onlyNew));
        }
    }

    /** Units of a stratum that are in the splits of the store. */
    private long[] there(long stratum) {
        long[] bounds = {0, MEDIUM, LONG, Long.MAX_VALUE};
        long from = stratified ? bounds[(int) stratum] : 0;
        long to = stratified ? bounds[(int) stratum + 1] : Long.MAX_VALUE;
        long[] there = new long[3];
        String[] names = {"train", "val", "test"};
        for (int i = 0; i < there.length; i++) {
            there[i] = by == ContigSplit.By.SAMPLE
                    ? database.queryLong(COUNT_ASSIGNED_SAMPLES, names[i])
                    : database.queryLong(COUNT_ASSIGNED_CONTIGS, names[i], from, to);
        }
        return there;
    }

    /**
     * Hands over all contigs with their splits.
     *
     * @throws RejectedInputException if one is there twice
     */
    void forEach(Sink sink) throws IOException {
        IOException[] failed = new IOException[1];
        database.read("Cannot read the drawn contigs", connection -> {
            try (PreparedStatement select = connection.prepareStatement(SELECT);
                    ResultSet rows = select.executeQuery()) {
                handOver(rows, sink);
            } catch (IOException e) {
                failed[0] = e;
            }
            return sink;
        });
        if (failed[0] != null) {
            throw failed[0];
        }
    }

    private void handOver(ResultSet rows, Sink sink) throws SQLException, IOException {
        String before = null;
        long rowBefore = 0;
        while (rows.next()) {
            String contigId = rows.getString(1);
            long row = rows.getLong(4);
            if (contigId.equals(before)) {
                throw new RejectedInputException(
                        "Cannot divide " + contigs.description() + ": expected every contig once, found '" + contigId
                                + "' twice (" + contigs.place(rowBefore) + " and " + contigs.place(row) + ").",
                        1,
                        count);
            }
            SortedContigs.stopIfInterrupted();
            sink.add(contigId, rows.getString(2), rows.getLong(3), row, Split.parse(rows.getString(5)));
            before = contigId;
            rowBefore = row;
        }
    }

    void countSamples(Map<Split, ContigSplitReport.Part> parts) {
        database.read("Cannot count samples", connection -> {
            try (PreparedStatement select = connection.prepareStatement(COUNT_SAMPLES);
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    ContigSplitReport.Part part = parts.get(Split.parse(rows.getString(1)));
                    if (part != null) {
                        part.samples(rows.getLong(2));
                    }
                }
            }
            return parts;
        });
    }

    /** Whether the store has exactly these splits. */
    boolean isIn() {
        if (append) {
            return count == 0;
        }
        return database.queryLong("SELECT count(*) FROM main.contig_splits") == count
                && database.queryLong(COUNT_SAME) == count;
    }

    /** Puts the splits into the store, within a transaction. */
    void insert(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INTO_STORE)) {
            insert.executeUpdate();
        }
    }
}
