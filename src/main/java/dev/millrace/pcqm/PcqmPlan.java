package dev.millrace.pcqm;

import dev.millrace.build.BuildSettings;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is to be built, with everything decided. Immutable.
 *
 * @param scan what the first pass over the source found
 * @param splitRule in words, for people
 * @param settings everything beside the inputs that decides what the rows are
 * @param fingerprint of inputs and settings
 */
record PcqmPlan(
        PcqmInput source,
        PcqmInput.Scan scan,
        PcqmSplits splits,
        String splitRule,
        String featureSpec,
        boolean blocks,
        int graphsPerBlock,
        boolean keepsSmiles,
        boolean sourceIndexes,
        long recordsPerSave,
        Map<String, String> settings,
        String fingerprint) {
    static final String FINGERPRINT = "fingerprint";
    static final String SETTINGS = "settings";
    static final String SPLIT_RULE = "split_rule";
    static final String SAME_SETTINGS = "the settings are the same, but the input changed";

    private static final String SPLIT_PREFIX = "split_count_";
    private static final String REJECT_PREFIX = "rejects_";

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
        return BuildSettings.difference(found, settings, SAME_SETTINGS);
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
        Map<String, String> info = new LinkedHashMap<>(settings);
        info.put(FINGERPRINT, fingerprint);
        info.put(SPLIT_RULE, splitRule);
        info.put("source_" + source.kind(), String.valueOf(source.file().getFileName()));
        info.put("source_" + source.kind() + "_sha256", scan.sha256());
        if (source.isSynthetic()) {
            info.put("synthetic", "true");
        }
        info.put("records_present", Long.toString(scan.records()));
        info.put("molecules", Long.toString(totals.molecules()));
        info.put("unlabelled", Long.toString(totals.unlabelled()));
        info.put("left_out", Long.toString(totals.leftOut()));
        for (String split : splits.names()) {
            info.put(SPLIT_PREFIX + split, Long.toString(totals.inSplit(split)));
        }
        totals.rejects().forEach((reason, count) -> info.put(REJECT_PREFIX + reason, Long.toString(count)));
        String version = PcqmPlan.class.getPackage().getImplementationVersion();
        info.put("library_version", version == null ? "development" : version);
        info.put("built_at", java.time.Instant.now().toString());
        return info;
    }

    /** The report of the build that made a file, without what only that build knew. */
    static PcqmBuildReport report(java.nio.file.Path database, Map<String, String> info, boolean upToDate) {
        return new PcqmBuildReport(
                database,
                upToDate,
                0,
                count(info, "records_present"),
                count(info, "molecules"),
                count(info, "unlabelled"),
                count(info, "left_out"),
                info.getOrDefault(SPLIT_RULE, ""),
                info.getOrDefault("layout", ""),
                info.getOrDefault("feature_spec", ""),
                withPrefix(info, SPLIT_PREFIX),
                withPrefix(info, REJECT_PREFIX),
                info.getOrDefault(FINGERPRINT, ""),
                0);
    }

    private static Map<String, Long> withPrefix(Map<String, String> info, String prefix) {
        Map<String, Long> counts = new TreeMap<>();
        info.keySet().stream()
                .filter(key -> key.startsWith(prefix))
                .forEach(key -> counts.put(key.substring(prefix.length()), count(info, key)));
        return counts;
    }

    private static long count(Map<String, String> info, String key) {
        try {
            return Long.parseLong(info.getOrDefault(key, "0"));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
