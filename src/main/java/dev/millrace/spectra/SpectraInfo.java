package dev.millrace.spectra;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** The entries of {@code dataset_info} in a spectra database. */
final class SpectraInfo {
    static final String FINGERPRINT = "fingerprint";
    private static final String SPLIT_PREFIX = "split_count_";
    private static final String REJECT_PREFIX = "rejects_";

    private SpectraInfo() {}

    static Map<String, String> sources(Path msp, SourceFingerprint sources, MolFolder folder) {
        Map<String, String> info = new LinkedHashMap<>();
        info.put("source_msp", String.valueOf(msp.getFileName()));
        info.put("source_msp_sha256", sources.msp());
        info.put("source_mol_files", Integer.toString(folder.size()));
        info.put("source_mol_sha256", sources.molFolder());
        String version = SpectraInfo.class.getPackage().getImplementationVersion();
        info.put("library_version", version == null ? "development" : version);
        info.put("built_at", java.time.Instant.now().toString());
        return info;
    }

    static Map<String, String> counts(SpectraBuildReport report, Map<String, Long> splits) {
        Map<String, String> info = new LinkedHashMap<>();
        info.put(FINGERPRINT, report.fingerprint());
        info.put("spectra_present", Long.toString(report.spectraPresent()));
        info.put("spectra_read", Long.toString(report.spectraRead()));
        info.put("spectra_rejected", Long.toString(report.spectraRejected()));
        info.put("stray_blocks", Long.toString(report.strayBlocks()));
        info.put("compounds", Long.toString(report.compounds()));
        info.put("with_graph", Long.toString(report.withGraph()));
        info.put("without_graph", Long.toString(report.withoutGraph()));
        info.put("bad_structures", Long.toString(report.badStructures()));
        splits.forEach((split, count) -> info.put(SPLIT_PREFIX + split, Long.toString(count)));
        report.rejects().forEach((reason, count) -> info.put(REJECT_PREFIX + reason, Long.toString(count)));
        return info;
    }

    /** The report of the build that made a file, without its duration. */
    static SpectraBuildReport report(Path database, Map<String, String> info) {
        return new SpectraBuildReport(
                database,
                true,
                count(info, "spectra_present"),
                count(info, "spectra_read"),
                count(info, "spectra_rejected"),
                count(info, "stray_blocks"),
                count(info, "compounds"),
                count(info, "with_graph"),
                count(info, "without_graph"),
                count(info, "bad_structures"),
                splits(info),
                withPrefix(info, REJECT_PREFIX),
                info.getOrDefault(FINGERPRINT, ""),
                0);
    }

    static Map<String, Long> splits(Map<String, String> info) {
        return withPrefix(info, SPLIT_PREFIX);
    }

    static SpectraBuildReport timed(SpectraBuildReport report, Map<String, Long> splits, long startNanos) {
        return new SpectraBuildReport(
                report.database(),
                report.upToDate(),
                report.spectraPresent(),
                report.spectraRead(),
                report.spectraRejected(),
                report.strayBlocks(),
                report.compounds(),
                report.withGraph(),
                report.withoutGraph(),
                report.badStructures(),
                splits,
                report.rejects(),
                report.fingerprint(),
                (System.nanoTime() - startNanos) / 1e9);
    }

    private static Map<String, Long> withPrefix(Map<String, String> info, String prefix) {
        Map<String, Long> counts = new TreeMap<>();
        info.forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                counts.put(key.substring(prefix.length()), number(value));
            }
        });
        return counts;
    }

    private static long count(Map<String, String> info, String key) {
        return number(info.getOrDefault(key, "0"));
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
