package dev.millrace.cli;

import dev.millrace.batch.QueryDataset;
import dev.millrace.batch.QueryDefinition;
import dev.millrace.batch.QuerySlot;
import dev.millrace.batch.SqliteDataset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The training or the validation rows of a {@link TableQuery} as a dataset. Who opens them closes them.
 *
 * @param owner has the file open
 * @param rows the dataset, or a part of it
 */
record TableRows(QueryDataset owner, SqliteDataset<?> rows) implements AutoCloseable {
    /** Which rows. */
    enum Part {
        TRAINING,
        VALIDATION
    }

    /**
     * How they are read.
     *
     * @param data slots, with what is known of categories
     * @param labels slots
     * @param shuffled for training, which weights of {@code samples} are for
     * @param samples which of the rows
     */
    record Reading(
            List<QuerySlot> data,
            List<QuerySlot> labels,
            int batchSize,
            boolean shuffled,
            int threads,
            SampleSection samples) {}

    /**
     * Opens a part, which may be empty.
     *
     * @throws dev.millrace.batch.QueryDefinitionException naming what in queries and slots does not fit the file
     */
    static TableRows open(TableQuery query, Part part, Reading reading) {
        String own = query.validationIds();
        String ids = part == Part.VALIDATION && own != null ? own : query.ids();
        QueryDataset.Builder builder = QueryDataset.builder()
                .setDefinition(new QueryDefinition(database(query), ids, query.rows(), reading.data, reading.labels))
                .setSampling(reading.batchSize, reading.shuffled)
                .optSeed(query.seed())
                .optLoaderThreads(reading.threads);
        QueryDataset all = reading.samples.choose(builder, reading.shuffled).build();
        Double share = query.valSplit();
        if (share == null) {
            return new TableRows(all, all);
        }
        try {
            return new TableRows(all, (SqliteDataset<?>)
                    all.subDataset(positions(all, share, query.seed(), part == Part.VALIDATION)));
        } catch (RuntimeException e) {
            all.close();
            throw e;
        }
    }

    private static Path database(TableQuery query) {
        return Inputs.file(query.database());
    }

    /*
     * Drawn by a hash of the id, not by its place: the order of the ids query does not matter, an id that is listed twice is on one
     * side only, and a row that is added moves few others.
     */
    private static List<Long> positions(QueryDataset all, double share, long seed, boolean validation) {
        int size = Math.toIntExact(all.size());
        long[] hashes = new long[size];
        for (int i = 0; i < size; i++) {
            hashes[i] = hash(seed, all.id(i));
        }
        long[] sorted = Arrays.stream(hashes).distinct().sorted().toArray();
        int count = (int) Math.round(share * sorted.length);
        // A share that is asked for is not rounded to nothing, nor to all.
        count = share > 0 && sorted.length > 1 ? Math.min(Math.max(count, 1), sorted.length - 1) : 0;
        List<Long> chosen = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            boolean measured = count > 0 && hashes[i] <= sorted[count - 1];
            if (measured == validation) {
                chosen.add((long) i);
            }
        }
        return chosen;
    }

    /** The finalizer of SplitMix64 (Steele, Lea and Flood, 2014): different ids have different hashes. */
    private static long hash(long seed, long id) {
        long z = id + seed * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** The ids, ascending. */
    long[] sortedIds() {
        return LongStream.range(0, rows.size()).map(rows::id).sorted().toArray();
    }

    @Override
    public void close() {
        owner.close();
    }
}
