package dev.millrace.spectra;

import dev.millrace.build.InfoCounts;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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

    static Map<String, String> counts(SpectraBuildReport report) {
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
        report.splits().forEach((split, count) -> info.put(SPLIT_PREFIX + split, Long.toString(count)));
        report.rejects().forEach((reason, count) -> info.put(REJECT_PREFIX + reason, Long.toString(count)));
        return info;
    }

    /** The report of the build that made a file, without its duration. */
    static SpectraBuildReport report(Path database, Map<String, String> info) {
        return new SpectraBuildReport(
                database,
                true,
                InfoCounts.of(info, "spectra_present"),
                InfoCounts.of(info, "spectra_read"),
                InfoCounts.of(info, "spectra_rejected"),
                InfoCounts.of(info, "stray_blocks"),
                InfoCounts.of(info, "compounds"),
                InfoCounts.of(info, "with_graph"),
                InfoCounts.of(info, "without_graph"),
                InfoCounts.of(info, "bad_structures"),
                InfoCounts.withPrefix(info, SPLIT_PREFIX),
                InfoCounts.withPrefix(info, REJECT_PREFIX),
                info.getOrDefault(FINGERPRINT, ""),
                0,
                null);
    }

    /** The report of a build, with its splits. */
    static SpectraBuildReport divided(SpectraBuildReport input, Map<String, long[]> splits) {
        return with(input, false, lengths(splits), null);
    }

    /** The report of a file that has all of an input that can be used. */
    static SpectraBuildReport unchanged(Path database, Map<String, String> info, SpectraBuildReport input) {
        SpectraBuildReport there = report(database, info);
        return with(there, true, there.splits(), input.appended());
    }

    private static SpectraBuildReport with(
            SpectraBuildReport report,
            boolean upToDate,
            Map<String, Long> splits,
            SpectraBuildReport.@Nullable Appended appended) {
        return new SpectraBuildReport(
                report.database(),
                upToDate,
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
                report.seconds(),
                appended);
    }

    /** The report of a file to which an input was appended; what it had of it already is not counted twice. */
    static SpectraBuildReport sum(SpectraBuildReport before, SpectraBuildReport input, Map<String, long[]> splits) {
        SpectraBuildReport.Appended read = java.util.Objects.requireNonNull(input.appended());
        Map<String, Long> added = lengths(splits);
        long placed = added.values().stream().mapToLong(Long::longValue).sum();
        Map<String, Long> all = new TreeMap<>(before.splits());
        added.forEach((split, count) -> all.merge(split, count, Long::sum));
        Map<String, Long> rejects = new TreeMap<>(before.rejects());
        input.rejects().forEach((reason, count) -> rejects.merge(reason, count, Long::sum));
        return new SpectraBuildReport(
                input.database(),
                false,
                before.spectraPresent() + input.spectraPresent() - read.alreadyStored(),
                before.spectraRead() + input.spectraRead(),
                before.spectraRejected() + input.spectraRejected(),
                before.strayBlocks() + input.strayBlocks(),
                before.compounds() + input.compounds(),
                before.withGraph() + input.withGraph(),
                before.withoutGraph() + input.withoutGraph(),
                before.badStructures() + input.badStructures(),
                all,
                rejects,
                input.fingerprint(),
                0,
                new SpectraBuildReport.Appended(
                        read.records(),
                        read.added(),
                        read.alreadyStored(),
                        read.rejected(),
                        read.withGraph(),
                        read.withGraph() - placed,
                        added));
    }

    /** What is kept of an appended input beside its name. */
    static Map<String, String> facts(SpectraBuildReport report, SourceFingerprint sources, MolFolder folder) {
        SpectraBuildReport.Appended appended = java.util.Objects.requireNonNull(report.appended());
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("source_sha256", sources.msp());
        facts.put("mol_files", Integer.toString(folder.size()));
        facts.put("mol_sha256", sources.molFolder());
        facts.put("records", Long.toString(appended.records()));
        facts.put("added", Long.toString(appended.added()));
        facts.put("already_stored", Long.toString(appended.alreadyStored()));
        facts.put("rejected", Long.toString(appended.rejected()));
        facts.put("between_splits", Long.toString(appended.betweenSplits()));
        return facts;
    }

    private static Map<String, Long> lengths(Map<String, long[]> splits) {
        Map<String, Long> counts = new TreeMap<>();
        splits.forEach((split, ids) -> counts.put(split, (long) ids.length));
        return counts;
    }
}
