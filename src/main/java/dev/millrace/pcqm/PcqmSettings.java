package dev.millrace.pcqm;

import dev.millrace.molecule.FeatureColumns;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Schema;
import java.util.List;
import java.util.Map;

/**
 * What {@code dataset_info} says on how to read a PCQM4Mv2 database.
 *
 * @param graphsPerBlock graphs of a full block; 0 in layout rows
 * @param targets names of the columns of the label, the gap first
 * @param adapter used unless a reader asks for another
 */
record PcqmSettings(
        PcqmLayout layout, int graphsPerBlock, FeatureColumns features, List<String> targets, PcqmAdapter adapter) {
    private static final int MOST_GRAPHS_PER_BLOCK = 1 << 20;

    static PcqmSettings read(Database database) {
        Map<String, String> info = Schema.info(database);
        try {
            PcqmLayout layout = PcqmLayout.parse(entry(info, "layout"));
            int graphs = layout == PcqmLayout.ROWS ? 0 : Integer.parseInt(entry(info, "graphs_per_block"));
            if (layout == PcqmLayout.BLOCKS && (graphs < 1 || graphs > MOST_GRAPHS_PER_BLOCK)) {
                throw new IllegalArgumentException(
                        "expected graphs_per_block 1.." + MOST_GRAPHS_PER_BLOCK + ", found " + graphs);
            }
            return new PcqmSettings(
                    layout,
                    graphs,
                    FeatureColumns.named(entry(info, "feature_spec")),
                    List.of(entry(info, "targets").split(",")),
                    PcqmAdapter.parse(info.getOrDefault("adapter", PcqmAdapter.NATIVE.id())));
        } catch (IllegalArgumentException e) {
            throw new CorruptDatabaseException(
                    "The settings in dataset_info cannot be used: " + e.getMessage() + " (" + database.file()
                            + "). Build the file again.",
                    database.file(),
                    e);
        }
    }

    private static String entry(Map<String, String> info, String key) {
        String value = info.get(key);
        if (value == null) {
            throw new IllegalArgumentException("expected an entry " + key + ", found none");
        }
        return value;
    }
}
