package dev.millrace.pcqm;

import dev.millrace.build.AppendLog;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.Schema;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A database to which molecules are added, as it is before. Immutable.
 *
 * @param info its {@code dataset_info}
 * @param settings how to read it
 * @param splits molecules by split
 */
record PcqmBase(Path file, Map<String, String> info, PcqmSettings settings, Map<String, Long> splits) {
    static PcqmBase read(Path file) {
        try (Database database = Database.open(file, Access.READ)) {
            PcqmSchema.SCHEMA.check(database);
            Map<String, String> info = Schema.info(database);
            Map<String, Long> splits = new LinkedHashMap<>();
            for (String split : Manifest.splitNames(database)) {
                splits.put(split, database.queryLong("SELECT id_count FROM split_ids WHERE split = ?", split));
            }
            PcqmBase base = new PcqmBase(file, info, PcqmSettings.read(database), splits);
            base.totals();
            return base;
        }
    }

    AppendLog log() {
        return AppendLog.of(info);
    }

    /** Records of all inputs so far: the next one's are numbered on. */
    long records() {
        return Long.parseLong(entry("records_present"));
    }

    /** Counts and statistics, to be gone on with. */
    String totals() {
        return PcqmTotals.ofOneLine(entry(PcqmPlan.TOTALS));
    }

    String entry(String key) {
        String value = info.get(key);
        if (value == null) {
            throw new CorruptDatabaseException(
                    "Cannot append: expected an entry " + key + " in dataset_info, found none (" + file
                            + "). Build the file again.",
                    file,
                    null);
        }
        return value;
    }

    /** Names of splits: the file's, and others behind them. */
    List<String> names(List<String> more) {
        List<String> names = new java.util.ArrayList<>(splits.keySet());
        more.stream().filter(name -> !names.contains(name)).forEach(names::add);
        return names;
    }
}
