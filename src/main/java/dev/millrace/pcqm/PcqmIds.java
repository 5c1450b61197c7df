package dev.millrace.pcqm;

import dev.millrace.batch.IdRange;
import dev.millrace.batch.Split;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.SchemaMismatchException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Arrays;
import java.util.List;

/**
 * The molecules of a split.
 *
 * @param split name in the file, {@code all} for all of them
 * @param parts all ids of each split that is read, labelled or not, ascending
 * @param samples the ids that are samples, ascending; the one part itself where it has nothing to leave out
 */
record PcqmIds(String split, List<IdRange> parts, long[] samples) {
    /* Plan: SEARCH of the partial index, which holds nothing else; its rows are in the order of idx. */
    static final String SELECT_UNLABELLED = """
            SELECT m.idx
            FROM molecules AS m
            WHERE m.split = ? AND m.homo_lumo_gap IS NULL
            ORDER BY m.idx""";

    /** @param unlabelled whether molecules without a gap are samples too */
    static PcqmIds read(Database database, Split wanted, boolean unlabelled, PcqmLayout layout) {
        List<String> names = Manifest.splitNames(database);
        String split = wanted == Split.TEST && !names.contains(Split.TEST.id()) && names.contains(Split.TEST_DEV.id())
                ? Split.TEST_DEV.id()
                : wanted.id();
        long[] all = Manifest.ids(database, split);
        // Blocks are of one split each: the ids of all together do not tell where a row lies.
        List<IdRange> parts = wanted != Split.ALL || layout == PcqmLayout.ROWS
                ? List.of(IdRange.of(all))
                : names.stream()
                        .map(name -> within(all, Manifest.ids(database, name)))
                        .toList();
        long[] samples = all;
        if (!unlabelled) {
            for (String name : wanted == Split.ALL ? names : List.of(split)) {
                samples = labelled(database, name, samples);
            }
            if (samples.length == 0 && all.length > 0) {
                throw new SchemaMismatchException(
                        SchemaMismatchException.Kind.OTHER_SETTINGS,
                        "Split " + split + " has no labelled molecule: expected some, found " + all.length
                                + " without a gap (" + database.file()
                                + "). Ask for unlabelled molecules (optUnlabelled(true)) to predict them.",
                        database.file());
            }
        }
        return new PcqmIds(split, parts, samples);
    }

    /** The data set's own splits lie one after the other: then no second list is kept. */
    private static IdRange within(long[] all, long[] part) {
        int from = part.length == 0 ? 0 : Arrays.binarySearch(all, part[0]);
        boolean together = from >= 0
                && from + part.length <= all.length
                && Arrays.equals(all, from, from + part.length, part, 0, part.length);
        return together ? new IdRange(all, from, from + part.length) : IdRange.of(part);
    }

    private static long[] labelled(Database database, String split, long[] ids) {
        long[] without = unlabelled(database, split);
        long[] with = without.length == 0 ? ids : without(database, ids, without);
        String count = database.queryText("SELECT value FROM dataset_stats WHERE key = ?", "labelled_" + split);
        long members = database.queryLong("SELECT id_count FROM split_ids WHERE split = ?", split);
        if (count != null && !count.equals(Long.toString(members - without.length))) {
            throw new CorruptDatabaseException(
                    "Expected " + count + " labelled molecules in split " + split + ", found "
                            + (members - without.length) + " (" + database.file()
                            + ", molecules). Run 'millrace verify "
                            + database.file() + "'.",
                    database.file(),
                    null);
        }
        return with;
    }

    private static long[] unlabelled(Database database, String split) {
        return database.read("Cannot read the unlabelled molecules", connection -> {
            long[] found = new long[1024];
            int count = 0;
            try (PreparedStatement select = connection.prepareStatement(SELECT_UNLABELLED)) {
                select.setString(1, split);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        if (count == found.length) {
                            found = Arrays.copyOf(found, 2 * count);
                        }
                        found[count++] = rows.getLong(1);
                    }
                }
            }
            return Arrays.copyOf(found, count);
        });
    }

    private static long[] without(Database database, long[] ids, long[] out) {
        long[] kept = new long[ids.length];
        int count = 0;
        int next = 0;
        for (long id : ids) {
            if (next < out.length && out[next] == id) {
                next++;
            } else {
                kept[count++] = id;
            }
        }
        if (next < out.length) {
            throw new CorruptDatabaseException(
                    "Molecule " + out[next] + " is in another split than the list of ids says (" + database.file()
                            + ", molecules). Run 'millrace verify " + database.file() + "'.",
                    database.file(),
                    null);
        }
        return Arrays.copyOf(kept, count);
    }
}
