package dev.millrace.genome;

import dev.millrace.build.Sha256;
import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseBuild;
import dev.millrace.sqlite.DatabaseException;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.ManifestSums;
import dev.millrace.sqlite.RowDigest;
import dev.millrace.sqlite.RowSum;
import dev.millrace.sqlite.Schema;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Fills a genome store with contigs. It appears whole, by {@link #publish}, or not at all.
 *
 * {@snippet :
 * try (GenomeStoreWriter store = GenomeStoreWriter.begin(Path.of("genomes.db"))) {
 *     store.add("BCR__EXT-LON042-1__CT1-1", "LON042.1", bases);
 *     store.publish();
 * }
 * }
 *
 * <p>Bases are bytes of ASCII, kept as they are. One thread at a time; who begins it closes it. Memory: constant, however
 * long a contig is, if it is given in pieces.
 */
public final class GenomeStoreWriter implements AutoCloseable {
    /**
     * A chunk lies in two pages of its own, with its head among those of others: the file is 6 % larger than its bases. Random
     * reads take the same time with any size from 4,096 to 65,536, as measured; larger pages waste up to twice the bases.
     */
    static final int PAGE_BYTES = 8192;

    static final String COMPOSITION = "composition";

    static final String REJECTS = "rejects_";

    private static final int ROWS_PER_TRANSACTION = 2_000;

    private final DatabaseBuild build;
    private final Database database;
    private final BulkWriter rows;
    private final ManifestSums sums;
    private final ManifestSums.Sum contigSum;
    private final ManifestSums.Sum chunkSum;
    private final RowSum contigRows = new RowSum(GenomeSchema.CONTIG_COLUMNS);
    private final RowSum chunkRows = new RowSum(GenomeSchema.CHUNK_COLUMNS);
    private final RowDigest contigDigest = new RowDigest(GenomeSchema.CONTIGS);
    private final RowDigest chunkDigest = new RowDigest(GenomeSchema.CHUNKS);
    private final Map<String, Long> rejects = new TreeMap<>();
    private final Sha256 hash = new Sha256();
    private final byte[] chunk = new byte[GenomeSchema.CHUNK_BASES];
    private String contigId = "";
    private String sampleId = "";
    private boolean open;
    private int filled;
    private long length;
    private long firstChunk = 1;
    private long nextChunk = 1;
    private long[] contributions = new long[16];
    private final long[] letters = new long[256];
    private final long[] contigLetters = new long[256];
    private long contigs;
    private long contigsBefore;
    private long bases;

    private GenomeStoreWriter(DatabaseBuild build, ManifestSums sums) {
        this.build = build;
        this.database = build.database();
        this.rows = new BulkWriter(database, ROWS_PER_TRANSACTION);
        this.sums = sums;
        this.contigSum = sums.of(GenomeSchema.CONTIG_COLUMNS);
        this.chunkSum = sums.of(GenomeSchema.CHUNK_COLUMNS);
    }

    /**
     * Starts a store; one that exists under this name is replaced when the new one is published.
     *
     * @throws DatabaseException if it is being built already, here or in another process
     */
    public static GenomeStoreWriter begin(Path file) {
        return begin(file, PAGE_BYTES);
    }

    static GenomeStoreWriter begin(Path file, int pageBytes) {
        DatabaseBuild build = DatabaseBuild.begin(file, GenomeSchema.SCHEMA);
        try {
            // The size of pages is chosen by copying what there is: a few empty tables.
            build.database().execute("PRAGMA page_size=" + pageBytes, "VACUUM");
            return new GenomeStoreWriter(build, new ManifestSums());
        } catch (RuntimeException e) {
            build.close();
            throw e;
        }
    }

    /**
     * Starts with what a store holds: contigs that are added come after those, and it takes its place when it is published.
     * Splits and windows stay as they are.
     *
     * @param info what the store said of itself when the caller decided what to add
     * @throws DatabaseException if it is being built already, cannot be read, or was changed since then
     * @throws dev.millrace.sqlite.SchemaMismatchException if the file is no genome store
     */
    static GenomeStoreWriter append(Path file, Map<String, String> info) {
        DatabaseBuild build = DatabaseBuild.beginAppend(file, GenomeSchema.SCHEMA, info);
        try {
            GenomeStoreWriter writer = new GenomeStoreWriter(build, Manifest.sums(build.database(), "rejects"));
            writer.goOn();
            return writer;
        } catch (RuntimeException e) {
            build.close();
            throw e;
        }
    }

    private void goOn() {
        Map<String, String> info = Schema.info(database);
        contigs = database.queryLong("SELECT coalesce(max(seq_id), 0) FROM contigs");
        contigsBefore = contigs;
        nextChunk = 1 + database.queryLong("SELECT coalesce(max(chunk_id), 0) FROM chunks");
        bases = database.queryLong("SELECT coalesce(sum(length), 0) FROM contigs");
        Composition.parse(info.getOrDefault(COMPOSITION, ""))
                .counts()
                .forEach((letter, count) -> letters[letter & 0xFF] = count);
        info.forEach((key, value) -> {
            if (key.startsWith(REJECTS)) {
                rejects.put(key.substring(REJECTS.length()), Long.parseLong(value));
            }
        });
    }

    /**
     * Adds a contig as a whole.
     *
     * @throws IllegalArgumentException if there is one of this name
     */
    public void add(String id, String sample, byte[] wholeContig) {
        if (!beginContig(id, sample)) {
            throw new IllegalArgumentException("Contig " + id + " is there already: expected every contig id once ("
                    + build.database().file() + ").");
        }
        append(wholeContig, 0, wholeContig.length);
        endContig();
    }

    /** Starts a contig; false, and nothing done, if there is one of this name. */
    boolean beginContig(String id, String sample) {
        if (open) {
            throw new IllegalStateException("Contig " + contigId + " is not ended.");
        }
        if (has(id)) {
            return false;
        }
        contigId = id;
        sampleId = sample;
        open = true;
        filled = 0;
        length = 0;
        firstChunk = nextChunk;
        // Forgets what a contig that was given up left.
        hash.digest();
        Arrays.fill(contigLetters, 0);
        return true;
    }

    /** A contig that the store had before contigs were added to it. */
    record Before(String sampleId, byte[] sha256) {}

    /** The contig of this name that was there before; null if there was none. */
    @Nullable
    Before before(String id) {
        return database.<Optional<Before>>read("Cannot look for a contig", connection -> {
                    java.sql.PreparedStatement select = database.prepared("""
                    SELECT sample_id, sha256
                    FROM contigs
                    WHERE contig_id = ? AND seq_id <= ?""");
                    select.setString(1, id);
                    select.setLong(2, contigsBefore);
                    try (ResultSet row = select.executeQuery()) {
                        return row.next()
                                ? Optional.of(new Before(String.valueOf(row.getString(1)), row.getBytes(2)))
                                : Optional.empty();
                    }
                })
                .orElse(null);
    }

    private boolean has(String id) {
        return database.read("Cannot look for a contig", connection -> {
            java.sql.PreparedStatement select = database.prepared("""
                    SELECT 1
                    FROM contigs
                    WHERE contig_id = ?""");
            select.setString(1, id);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        });
    }

    /** The next bases of the contig. */
    void append(byte[] from, int offset, int count) {
        hash.add(from, offset, count);
        length += count;
        int at = offset;
        int left = count;
        while (left > 0) {
            int taken = Math.min(left, chunk.length - filled);
            System.arraycopy(from, at, chunk, filled, taken);
            filled += taken;
            at += taken;
            left -= taken;
            if (filled == chunk.length) {
                writeChunk();
            }
        }
    }

    private void writeChunk() {
        byte[] full = Arrays.copyOf(chunk, filled);
        count(full);
        rows.insert(GenomeSchema.INSERT_CHUNK, nextChunk, full, chunkDigest.of(nextChunk, (Object) full));
        int place = (int) (nextChunk - firstChunk);
        if (place == contributions.length) {
            contributions = Arrays.copyOf(contributions, 2 * place);
        }
        contributions[place] = chunkRows.of(nextChunk, nextChunk, full);
        nextChunk++;
        filled = 0;
    }

    /** Counts letters, in two lots: a run of one letter would wait for its own count. */
    private void count(byte[] some) {
        int[] even = new int[256];
        int[] odd = new int[256];
        for (int i = 1; i < some.length; i += 2) {
            even[some[i - 1] & 0xFF]++;
            odd[some[i] & 0xFF]++;
        }
        if (some.length % 2 == 1) {
            even[some[some.length - 1] & 0xFF]++;
        }
        for (int letter = 0; letter < 256; letter++) {
            contigLetters[letter] += even[letter] + odd[letter];
        }
    }

    /** The contig is complete. */
    void endContig() {
        if (filled > 0) {
            writeChunk();
        }
        long id = contigs + 1;
        byte[] sha = hash.digest();
        rows.insert(
                GenomeSchema.INSERT_CONTIG,
                id,
                contigId,
                sampleId,
                length,
                firstChunk,
                sha,
                contigDigest.of(id, contigId, sampleId, length, firstChunk, sha));
        contigSum.add(contigRows.of(id, id, contigId, sampleId, length, firstChunk, sha));
        for (int i = 0; i < nextChunk - firstChunk; i++) {
            chunkSum.add(contributions[i]);
        }
        for (int letter = 0; letter < 256; letter++) {
            letters[letter] += contigLetters[letter];
        }
        contigs = id;
        bases += length;
        open = false;
    }

    /** Takes back what was given of the contig. */
    void giveUpContig() {
        if (open && nextChunk > firstChunk) {
            rows.insert(GenomeSchema.DELETE_CHUNKS, firstChunk);
        }
        nextChunk = firstChunk;
        open = false;
    }

    /** Records what was not taken. */
    void reject(String file, long line, String name, String reason, String detail) {
        rejects.merge(reason, 1L, Long::sum);
        rows.insert(GenomeSchema.INSERT_REJECT, file, line, name, reason + ": " + detail);
    }

    /** How many records were not taken, by reason. */
    Map<String, Long> rejects() {
        return new TreeMap<>(rejects);
    }

    /** Contigs so far. */
    long contigs() {
        return contigs;
    }

    /** Bases so far. */
    long bases() {
        return bases;
    }

    /** Samples so far. */
    long samples() {
        rows.flush();
        return database.queryLong("SELECT count(DISTINCT sample_id) FROM contigs");
    }

    /** What was written so far, to be read through the same connection; not to be closed, void when the writer is. */
    GenomeStore written() {
        rows.flush();
        // Sorting by sample takes memory by the contig.
        database.execute("PRAGMA temp_store=FILE");
        return new GenomeStore(database, false);
    }

    /** Lets the file grow to this many pages only, so that tests can see a full disk. */
    void limitPages(long count) {
        database.execute("PRAGMA max_page_count=" + count);
    }

    /** Finishes the store and puts it under its name. */
    public void publish() {
        publish(Map.of());
    }

    /** As {@link #publish()}, with more to say in {@code dataset_info}; returns all that was said there. */
    Map<String, String> publish(Map<String, String> info) {
        if (open) {
            throw new IllegalStateException("Contig " + contigId + " is not ended.");
        }
        rows.close();
        Map<String, String> all = new LinkedHashMap<>();
        if (contigsBefore == 0) {
            String version = GenomeStoreWriter.class.getPackage().getImplementationVersion();
            all.put("library_version", version == null ? "development" : version);
            all.put("built_at", java.time.Instant.now().toString());
        }
        all.put("chunk_bases", Integer.toString(GenomeSchema.CHUNK_BASES));
        all.put("contigs", Long.toString(contigs));
        all.put("bases", Long.toString(bases));
        all.put("samples", Long.toString(samples()));
        rejects.forEach((reason, count) -> all.put(REJECTS + reason, Long.toString(count)));
        all.put(COMPOSITION, Composition.of(letters).toString());
        all.putAll(info);
        Schema.putInfo(database, all);
        Manifest.write(database, java.util.List.of(), Map.of(), sums);
        build.publish();
        return all;
    }

    @Override
    public void close() {
        build.close();
    }
}
