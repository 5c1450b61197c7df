package dev.millrace.spectra;

import dev.millrace.batch.SqliteDataset;
import dev.millrace.molecule.FeatureSpec;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import java.nio.file.Path;
import java.util.Map;

/**
 * What training from a spectra database will occupy, estimated from its mean molecule. All in bytes.
 *
 * @param samples compounds with a graph
 * @param ids what an open dataset keeps in the heap
 * @param inMemory what {@code sqlite_cache_in_memory} would keep in the heap on top
 * @param batch the arrays of one batch, in the engine's memory
 * @param ahead those of all batches that the loader threads keep ready
 * @param pageCaches SQLite's own caches, one per loader thread
 */
public record SpectraMemory(long samples, long ids, long inMemory, long batch, long ahead, long pageCaches) {
    /** Objects and shapes of the four tensors of a row: about 10 objects of 24 to 56 bytes, and their place in a list. */
    private static final long ROW_OVERHEAD = 500;

    /**
     * Estimates for one dataset over all splits.
     *
     * @throws dev.millrace.sqlite.SchemaMismatchException if the file is not a spectra database
     */
    public static SpectraMemory estimate(Path file, int batchSize, int loaderThreads) {
        try (Database database = Database.open(file, Access.READ)) {
            SpectraSchema.SCHEMA.check(database);
            Map<String, String> info = Schema.info(database);
            long samples = database.queryLong("SELECT count(*) FROM graph_features");
            long atoms = database.queryLong(ofGraphs("num_atoms"));
            long bonds = database.queryLong(ofGraphs("num_bonds"));
            long stored = database.queryLong(
                            "SELECT sum(length(node_features) + length(edge_index) + length(edge_attr)) FROM graph_features")
                    + database.queryLong("SELECT sum(length(normalized_spectrum)) FROM spectra");
            FeatureSpec spec = FeatureSpec.named(info.getOrDefault("feature_spec", ""));
            long elementBytes = spec.inputType() == FeatureSpec.InputType.INT64 ? Long.BYTES : Float.BYTES;
            long atomBytes = spec.nodeWidth() * elementBytes + Long.BYTES;
            long edgeBytes = spec.edgeWidth() * elementBytes + 2L * Long.BYTES;
            long bins = SpectrumOptions.fromInfo(info).bins();
            long all = atoms * atomBytes + 2 * bonds * edgeBytes + samples * (bins * Float.BYTES + Long.BYTES);
            long batch = samples == 0 ? 0 : all * batchSize / samples;
            return new SpectraMemory(
                    samples,
                    samples * Long.BYTES,
                    stored + samples * ROW_OVERHEAD,
                    batch,
                    batch * (loaderThreads * (long) SqliteDataset.BATCHES_AHEAD_PER_THREAD + 1),
                    (long) Access.READ_CACHE_BYTES * Math.max(1, loaderThreads));
        }
    }

    private static String ofGraphs(String column) {
        return "SELECT sum(" + column + ") FROM mol_structures JOIN graph_features USING (compound_id)";
    }
}
