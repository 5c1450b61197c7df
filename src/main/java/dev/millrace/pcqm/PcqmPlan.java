package dev.millrace.pcqm;

import dev.millrace.build.AppendLog;
import dev.millrace.build.BuildSettings;
import dev.millrace.build.InfoCounts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is to be built, with everything decided. Immutable.
 *
 * @param scan what the first pass over the source found
 * @param splitRule in words, for people
 * @param settings everything beside the input that decides what the rows are
 * @param inputFingerprint of input and settings
 * @param base what the molecules are added to; null for a new file
 */
record PcqmPlan(
        PcqmInput source,
        PcqmInput.Scan scan,
        PcqmSplits splits,
        String splitRule,
        Map<String, String> settings,
        long recordsPerSave,
        String inputFingerprint,
        @Nullable PcqmBase base) {
    static final String FINGERPRINT = "fingerprint";
    static final String SETTINGS = "settings";
    static final String SPLIT_RULE = "split_rule";
    static final String TOTALS = "totals";
    static final String GAPS = "source_gaps";
    static final String SAME_SETTINGS = "the settings are the same, but the input changed";

    static final String SPLIT_FILE = "split_file_sha256";

    private static final String SPLIT_PREFIX = "split_count_";
    private static final String REJECT_PREFIX = "rejects_";

    /** Of the file as it is to be. */
    String fingerprint() {
        return base == null ? inputFingerprint : base.log().chain(inputFingerprint);
    }

    /** Targets of an input, the gap first. */
    static List<String> allTargets(PcqmInput source) {
        List<String> all = new ArrayList<>(List.of("homo_lumo_gap"));
        all.addAll(source.furtherTargets());
        return all;
    }

    String featureSpec() {
        return setting("feature_spec");
    }

    boolean blocks() {
        return setting("layout").equals("blocks");
    }

    int graphsPerBlock() {
        return Integer.parseInt(setting("graphs_per_block"));
    }

    boolean keepsSmiles() {
        return setting("smiles").equals("true");
    }

    boolean sourceIndexes() {
        return setting("source_indexes").equals("true");
    }

    private String setting(String key) {
        return settings.getOrDefault(key, "");
    }

    /** Records of the inputs before this one. */
    long recordsBefore() {
        return base == null ? 0 : base.records();
    }

    /** What an SD file's idx, which are numbers of its records, are added to. */
    long firstIdx() {
        return source instanceof SdfSource ? recordsBefore() : 0;
    }

    boolean ascending() {
        return scan.ascending();
    }

    List<String> furtherTargets() {
        return source.furtherTargets();
    }

    String settingsText() {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(settings).forEach((key, value) -> text.append(key + "=" + value + "\n"));
        return text.toString();
    }

    /** In words, how another build's settings differ from these. */
    String difference(Map<String, String> found) {
        return BuildSettings.difference(found, settings, AppendLog.of(found).difference(SAME_SETTINGS));
    }

    static Map<String, String> parseSettings(String text) {
        Map<String, String> settings = new LinkedHashMap<>();
        text.lines().forEach(line -> {
            int equals = line.indexOf('=');
            if (equals > 0) {
                settings.put(line.substring(0, equals), line.substring(equals + 1));
            }
        });
        return settings;
    }

    /** The entries of {@code dataset_info}. */
    Map<String, String> info(PcqmTotals totals) throws IOException {
        Map<String, String> info = new LinkedHashMap<>();
        if (base == null) {
            info.putAll(settings);
            info.put(FINGERPRINT, inputFingerprint);
            info.put(SPLIT_RULE, splitRule);
            info.put("source_" + source.kind(), String.valueOf(source.file().getFileName()));
            info.put("source_" + source.kind() + "_sha256", scan.sha256());
            String version = PcqmPlan.class.getPackage().getImplementationVersion();
            info.put("library_version", version == null ? "development" : version);
            info.put("built_at", java.time.Instant.now().toString());
        } else {
            info.putAll(appended(base, totals));
            info.put("already_stored", Long.toString(totals.alreadyStored()));
        }
        if (source.isSynthetic()) {
            info.put("synthetic", "true");
        }
        info.put("records_present", Long.toString(recordsBefore() + scan.records()));
        info.put("molecules", Long.toString(totals.molecules()));
        info.put("unlabelled", Long.toString(totals.unlabelled()));
        info.put("left_out", Long.toString(totals.leftOut()));
        for (String split : splits.names()) {
            info.put(SPLIT_PREFIX + split, Long.toString(totals.inSplit(split)));
        }
        totals.rejects().forEach((reason, count) -> info.put(REJECT_PREFIX + reason, Long.toString(count)));
        info.put(TOTALS, totals.oneLine());
        return info;
    }

    private Map<String, String> appended(PcqmBase to, PcqmTotals totals) {
        PcqmBuildReport.Appended of = appended(totals);
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("source_sha256", scan.sha256());
        facts.put("max_samples", setting("max_samples"));
        if (settings.containsKey(SPLIT_FILE)) {
            facts.put(SPLIT_FILE, setting(SPLIT_FILE));
        }
        facts.put("records", Long.toString(of.records()));
        facts.put("added", Long.toString(of.added()));
        facts.put("already_stored", Long.toString(of.alreadyStored()));
        facts.put("rejected", Long.toString(of.rejected()));
        facts.put("left_out", Long.toString(of.leftOut()));
        return to.log().append(inputFingerprint, String.valueOf(source.file().getFileName()), facts);
    }

    /** What came of this input: the totals without those of the inputs before. */
    PcqmBuildReport.Appended appended(PcqmTotals totals) {
        PcqmTotals before = new PcqmTotals(furtherTargets());
        if (base != null) {
            before.restore(base.totals());
        }
        return new PcqmBuildReport.Appended(
                scan.records(),
                totals.molecules() - before.molecules(),
                totals.alreadyStored() - before.alreadyStored(),
                totals.rejected() - before.rejected(),
                totals.leftOut() - before.leftOut());
    }

    /** The report of the build that made a file, without what only that build knew. */
    static PcqmBuildReport report(java.nio.file.Path database, Map<String, String> info, boolean upToDate) {
        return new PcqmBuildReport(
                database,
                upToDate,
                0,
                InfoCounts.of(info, "records_present"),
                InfoCounts.of(info, "molecules"),
                InfoCounts.of(info, "unlabelled"),
                InfoCounts.of(info, "left_out"),
                info.getOrDefault(SPLIT_RULE, ""),
                info.getOrDefault("layout", ""),
                info.getOrDefault("feature_spec", ""),
                InfoCounts.withPrefix(info, SPLIT_PREFIX),
                InfoCounts.withPrefix(info, REJECT_PREFIX),
                info.getOrDefault(FINGERPRINT, ""),
                0,
                null);
    }
}
