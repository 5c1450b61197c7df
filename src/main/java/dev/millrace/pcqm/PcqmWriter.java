package dev.millrace.pcqm;

import dev.millrace.build.RejectFile;
import dev.millrace.sqlite.BulkWriter;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseBuild;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.ManifestSums;
import dev.millrace.sqlite.Schema;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the rows of a PCQM4Mv2 database in input order, and keeps them every now and then together with how far it has come.
 * One thread at a time.
 *
 * <p>Memory: 8 bytes per molecule for the lists of the splits, and one unfinished block per split; 16 to 32 bytes more per
 * molecule when the input has no order.
 */
final class PcqmWriter {
    private static final String RECORDS = "records";
    private static final String TOTALS = "totals";
    private static final String SUMS = "sums";
    private static final String OPEN_BLOCK = "open_block_";
    private static final long SAVE_NANOS = 5_000_000_000L;

    private final DatabaseBuild build;
    private final Database database;
    private final PcqmPlan plan;
    private final BulkWriter rows;
    private final ManifestSums sums = new ManifestSums();
    private final ManifestSums.Sum moleculeSum = sums.of(PcqmSchema.MOLECULE_COLUMNS);
    private final Map<String, SplitRows> splits = new LinkedHashMap<>();
    private final PcqmTotals totals;
    private final @Nullable IdxSet seen;
    private final @Nullable StoredMolecules stored;
    private long records;
    private long savedRecords;
    private long savedAt = System.nanoTime();

    /** Goes on with what is in the file. */
    PcqmWriter(DatabaseBuild build, PcqmPlan plan) {
        this.build = build;
        this.database = build.database();
        this.plan = plan;
        this.rows = new BulkWriter(database, Integer.MAX_VALUE);
        this.totals = new PcqmTotals(plan.furtherTargets());
        this.stored = plan.base() == null ? null : new StoredMolecules(database, plan.blocks());
        this.seen = plan.ascending() || stored != null ? null : new IdxSet();
        for (String split : plan.splits().names()) {
            splits.put(
                    split,
                    plan.blocks()
                            ? new SplitRows.Blocks(split, plan.graphsPerBlock(), rows, sums)
                            : new SplitRows.Plain(split, rows, sums));
        }
        Map<String, Object> saved = build.saved();
        PcqmBase base = plan.base();
        if (saved.get(RECORDS) instanceof Number position) {
            restore(saved, position.longValue());
        } else if (base != null) {
            goOn(base);
        }
    }

    /** Begins where the build of the file ended. */
    private void goOn(PcqmBase base) {
        totals.restore(base.totals());
        sums.restore(Manifest.sums(database, "rejects", "dataset_stats").save());
        readIds();
        splits.values().forEach(split -> split.reopen(database));
        save();
    }

    private void restore(Map<String, Object> saved, long position) {
        records = position;
        savedRecords = records;
        totals.restore(String.valueOf(saved.get(TOTALS)));
        sums.restore(String.valueOf(saved.get(SUMS)));
        splits.forEach((split, to) -> {
            if (saved.get(OPEN_BLOCK + split) instanceof byte[] open) {
                to.restore(open);
            }
        });
        readIds();
    }

    private void readIds() {
        database.read("Cannot read the molecules so far", connection -> {
            try (PreparedStatement select =
                            connection.prepareStatement("SELECT idx, split FROM molecules ORDER BY idx");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    long idx = row.getLong(1);
                    SplitRows to = splits.get(row.getString(2));
                    if (to != null) {
                        to.ids().add(idx);
                    }
                    if (seen != null) {
                        seen.add(idx);
                    }
                }
            }
            return records;
        });
    }

    /** Number of the first record that is not yet in the file. */
    long records() {
        return records;
    }

    PcqmTotals totals() {
        return totals;
    }

    void write(PcqmRowMaker.Made made) {
        for (PcqmEntry entry : made.entries()) {
            if (entry instanceof PcqmMolecule molecule) {
                write(molecule);
            } else if (entry instanceof PcqmReject reject) {
                write(reject);
            }
        }
        totals.leftOut(made.size() - made.entries().size());
        records += made.size();
        if (records - savedRecords >= plan.recordsPerSave() || System.nanoTime() - savedAt >= SAVE_NANOS) {
            save();
        }
    }

    private void write(PcqmMolecule molecule) {
        StoredMolecules.Match match = stored == null ? StoredMolecules.Match.NONE : stored.match(molecule);
        if (match == StoredMolecules.Match.SAME) {
            totals.alreadyStored(1);
            return;
        } else if (match == StoredMolecules.Match.OTHER) {
            write(new PcqmReject(
                    molecule.record(),
                    molecule.idx(),
                    PcqmReject.Reason.DUPLICATE_IDX,
                    "expected an idx that the database has not, or its molecule, found another molecule of idx "
                            + molecule.idx()));
            return;
        }
        if (seen != null && !seen.add(molecule.idx())) {
            write(new PcqmReject(
                    molecule.record(),
                    molecule.idx(),
                    PcqmReject.Reason.DUPLICATE_IDX,
                    "expected an idx once, found " + molecule.idx() + " again"));
            return;
        }
        rows.insert(
                PcqmSchema.INSERT_MOLECULE,
                molecule.idx(),
                molecule.smiles(),
                molecule.atoms(),
                molecule.bonds(),
                molecule.split(),
                molecule.gap());
        moleculeSum.add(molecule.moleculeSum());
        SplitRows to = java.util.Objects.requireNonNull(splits.get(molecule.split()));
        to.add(molecule);
        totals.add(molecule);
    }

    private void write(PcqmReject reject) {
        rows.insert(
                PcqmSchema.INSERT_REJECT,
                plan.recordsBefore() + reject.record(),
                reject.idx(),
                reject.reason().word(),
                reject.detail());
        totals.add(reject);
    }

    /** Keeps what was written so far. */
    void save() {
        Map<String, Object> progress = new HashMap<>();
        progress.put(PcqmPlan.FINGERPRINT, plan.fingerprint());
        progress.put(PcqmPlan.SETTINGS, plan.settingsText());
        progress.put(RECORDS, records);
        progress.put(TOTALS, totals.save());
        progress.put(SUMS, sums.save());
        splits.forEach((split, from) -> {
            byte[] open = from.save();
            if (open != null) {
                progress.put(OPEN_BLOCK + split, open);
            }
        });
        build.save(rows, progress);
        savedRecords = records;
        savedAt = System.nanoTime();
    }

    /** Writes the rejects of the whole input, those before an interruption included. */
    void report(@Nullable Path file) throws IOException {
        if (file == null) {
            return;
        }
        String input = String.valueOf(plan.source().file().getFileName());
        try (RejectFile out = RejectFile.open(file, RejectFile.Place.RECORD)) {
            long before = plan.recordsBefore();
            List<PcqmReject> page = rejectsAfter(before - 1);
            while (!page.isEmpty()) {
                for (PcqmReject reject : page) {
                    String idx = reject.idx() == null ? null : Long.toString(reject.idx());
                    out.add(
                            input,
                            reject.record() - before,
                            idx,
                            reject.reason().word(),
                            reject.detail());
                }
                page = rejectsAfter(page.get(page.size() - 1).record());
            }
        }
    }

    private List<PcqmReject> rejectsAfter(long record) {
        return database.read("Cannot read the rejects", connection -> {
            List<PcqmReject> page = new java.util.ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement("""
                            SELECT record, idx, reason, detail
                            FROM rejects
                            WHERE record > ?
                            ORDER BY record
                            LIMIT 1000""")) {
                select.setLong(1, record);
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        long idx = row.getLong(2);
                        Long known = row.wasNull() ? null : idx;
                        PcqmReject.Reason reason =
                                PcqmReject.Reason.valueOf(row.getString(3).toUpperCase(java.util.Locale.ROOT));
                        page.add(new PcqmReject(row.getLong(1), known, reason, row.getString(4)));
                    }
                }
            }
            return page;
        });
    }

    /** Writes what is left, statistics, {@code dataset_info} and the manifest. */
    void finish(Map<String, String> info) {
        splits.values().forEach(SplitRows::end);
        save();
        rows.close();
        database.write("Cannot write the statistics", connection -> {
            try (PreparedStatement delete = connection.prepareStatement("DELETE FROM dataset_stats");
                    PreparedStatement insert = connection.prepareStatement(PcqmSchema.INSERT_STATISTIC)) {
                delete.executeUpdate();
                for (Map.Entry<String, String> row :
                        totals.statistics(plan.splits().names()).entrySet()) {
                    insert.setString(1, row.getKey());
                    insert.setString(2, row.getValue());
                    insert.executeUpdate();
                }
            }
        });
        if (!plan.ascending() || (stored != null && stored.isDisordered())) {
            // Rows that came in disorder left half-empty pages behind. A copy belongs on the disk, not in memory.
            database.execute("PRAGMA temp_store=FILE", "VACUUM", "PRAGMA temp_store=MEMORY");
        }
        Schema.putInfo(database, info);
        Map<String, long[]> ids = new LinkedHashMap<>();
        splits.forEach((split, of) -> ids.put(split, of.ids().sorted()));
        Manifest.write(database, List.of(PcqmSchema.GRAPHS, PcqmSchema.BLOCKS), ids, sums);
    }
}
