package dev.millrace.spectra;

import dev.millrace.build.AppendLog;
import dev.millrace.build.BuildProgress;
import dev.millrace.build.BuildSettings;
import dev.millrace.build.DiskSpace;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectFile;
import dev.millrace.build.RejectedInputException;
import dev.millrace.build.Workers;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseBuild;
import dev.millrace.sqlite.Schema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One build of a {@link SpectraBuilder}: a database from nothing, or a copy of one with the records of one more input. One
 * thread; used once.
 */
final class SpectraBuild {
    private static final String SAME_SETTINGS = "the settings are the same, but the MSP file or the MOL files changed";

    /**
     * How to build, which does not decide what is built.
     *
     * @param rejects where to write them
     * @param maxPages largest size of the file in pages; 0 for any
     */
    record Ways(
            int threads,
            boolean rebuild,
            double maxRejects,
            @Nullable Path rejects,
            boolean checksSpace,
            BuildProgress progress,
            long maxPages) {}

    private final Path msp;
    private final MolFolder folder;
    private final Path target;
    private final Ways ways;
    private final long start;

    /** @param start when the caller began, {@link System#nanoTime()} */
    SpectraBuild(Path msp, MolFolder folder, Path target, Ways ways, long start) {
        this.msp = msp;
        this.folder = folder;
        this.target = target;
        this.ways = ways;
        this.start = start;
    }

    /** Builds from nothing, or finds that there is nothing to do. */
    SpectraBuildReport build(SpectraSettings settings) throws IOException {
        StructureReader structures = StructureReaders.of(settings.featureSpec());
        boolean exists = Files.exists(target) && !ways.rebuild;
        if (!exists) {
            requireSpace(0, settings);
        }
        try (Workers workers = new Workers(ways.threads)) {
            SourceFingerprint sources = SourceFingerprint.of(msp, folder, workers, ways.progress);
            String fingerprint = sources.with(settings.info());
            if (exists) {
                return existing(settings, fingerprint);
            }
            try (DatabaseBuild build = begin(DatabaseBuild.begin(target, SpectraSchema.SCHEMA));
                    RejectFile rejects = RejectFile.open(ways.rejects, RejectFile.Place.LINE);
                    RecordStream records =
                            RecordStream.open(msp, settings.spectrum(), settings.maxSamples(), settings.seed())) {
                SpectraWriter writer = new SpectraWriter(build.database(), rejects);
                fill(workers, structures, settings, writer, records);
                SpectraBuildReport report = writer.report(target, records, fingerprint);
                requireFewRejects(report);
                Map<String, String> info = new LinkedHashMap<>(settings.info());
                info.putAll(SpectraInfo.sources(msp, sources, folder));
                report = writer.finish(report, info, settings);
                build.publish();
                return report.timed(start);
            }
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }

    /** Adds the records that the database has not, or finds that there is nothing to do. */
    SpectraBuildReport append(SpectraSettings.Request request) throws IOException {
        Map<String, String> info = infoOfTarget();
        SpectraSettings settings = settings(request, info);
        StructureReader structures = StructureReaders.of(settings.featureSpec());
        requireSpace(Files.size(target), settings);
        AppendLog log = AppendLog.of(info);
        try (Workers workers = new Workers(ways.threads)) {
            SourceFingerprint sources = SourceFingerprint.of(msp, folder, workers, ways.progress);
            String fingerprint = sources.with(settings.info());
            if (log.holds(fingerprint)) {
                return SpectraInfo.report(target, info).timed(start);
            }
            try (DatabaseBuild build = begin(DatabaseBuild.beginAppend(target, SpectraSchema.SCHEMA, info));
                    RejectFile rejects = RejectFile.open(ways.rejects, RejectFile.Place.LINE)) {
                SpectraBase base = SpectraBase.read(build.database());
                try (RecordStream records = RecordStream.open(
                        msp,
                        settings.spectrum(),
                        settings.maxSamples(),
                        settings.seed(),
                        new StoredRecords(build.database()),
                        base.lastId())) {
                    SpectraWriter writer = new SpectraWriter(build.database(), rejects);
                    fill(workers, structures, settings, writer, records);
                    SpectraBuildReport input = writer.report(target, records, log.chain(fingerprint));
                    requireFewRejects(input);
                    if (input.compounds() == 0) {
                        return SpectraInfo.unchanged(target, info, input).timed(start);
                    }
                    SpectraBuildReport report = writer.extend(base, SpectraInfo.report(target, info), input, settings);
                    Schema.putInfo(
                            build.database(),
                            log.append(
                                    fingerprint,
                                    String.valueOf(msp.getFileName()),
                                    SpectraInfo.facts(report, sources, folder)));
                    build.publish();
                    return report.timed(start);
                }
            }
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }

    private DatabaseBuild begin(DatabaseBuild build) {
        if (ways.maxPages > 0) {
            build.database().execute("PRAGMA max_page_count=" + ways.maxPages);
        }
        return build;
    }

    private void requireSpace(long alreadyThere, SpectraSettings settings) throws IOException {
        if (ways.checksSpace) {
            DiskSpace.require(target, alreadyThere + SpectraSpace.estimate(msp, folder, settings.maxSamples()));
        }
    }

    private Map<String, String> infoOfTarget() {
        try (Database found = Database.open(target, Access.READ)) {
            SpectraSchema.SCHEMA.check(found);
            return Schema.info(found);
        }
    }

    private SpectraSettings settings(SpectraSettings.Request request, Map<String, String> info) {
        SpectraSettings settings;
        try {
            settings = request.over(info);
        } catch (IllegalArgumentException e) {
            throw new CorruptDatabaseException(
                    "The settings in dataset_info cannot be used: " + e.getMessage() + " (" + target
                            + "). Build the file again.",
                    target,
                    e);
        }
        String difference = BuildSettings.difference(info, settings.ofFile(), "");
        if (!difference.isEmpty()) {
            throw new OutdatedDatabaseException(
                    "Cannot append to a database that was built otherwise: " + difference + " (" + target
                            + "). Leave these options out to take what the file has, or build it again from all inputs.",
                    target);
        }
        return settings;
    }

    private void fill(
            Workers workers,
            StructureReader structures,
            SpectraSettings settings,
            SpectraWriter writer,
            RecordStream records)
            throws IOException {
        int samples = settings.maxSamples();
        BuildProgress.Meter meter = new BuildProgress.Meter(ways.progress, "build", samples);
        Compound.Maker maker =
                new Compound.Maker(String.valueOf(msp.getFileName()), folder, structures, settings.spectrum());
        workers.inOrder(Workers.chunks(records), chunk -> SpectraWriter.prepare(maker, chunk), prepared -> {
            writer.write(prepared);
            meter.estimate(samples > 0 ? samples : records.estimatedTotal());
            meter.advanceTo(writer.compounds());
        });
        writer.endRows();
        meter.finish();
    }

    private void requireFewRejects(SpectraBuildReport report) throws IOException {
        long rejected = report.spectraRejected() + report.badStructures();
        long present = report.spectraPresent();
        if (present == 0) {
            throw new RejectedInputException(
                    "Cannot build from " + msp + ": expected MSP records, found " + MspLines.instead(msp) + ".", 0, 0);
        }
        if (report.spectraRejected() == present) {
            throw new RejectedInputException(
                    "All of the input was rejected: expected a record that can be used, found " + present
                            + " rejected " + new TreeMap<>(report.rejects()) + " (" + msp
                            + "). Nothing was written. See them with '--rejects FILE'.",
                    rejected,
                    present);
        }
        if (rejected > ways.maxRejects * present) {
            throw new RejectedInputException(
                    "Too much of the input was rejected: expected at most " + 100 * ways.maxRejects + " % of " + present
                            + " records, found " + report.spectraRejected() + " rejected and " + report.badStructures()
                            + " bad structures " + new TreeMap<>(report.rejects()) + " (" + msp
                            + "). Nothing was written. See them with '--rejects FILE', or allow more with '--max-rejects'.",
                    rejected,
                    present);
        }
    }

    private SpectraBuildReport existing(SpectraSettings settings, String fingerprint) {
        Map<String, String> info = infoOfTarget();
        if (!fingerprint.equals(info.get(SpectraInfo.FINGERPRINT))) {
            throw new OutdatedDatabaseException(
                    "The database was built otherwise: "
                            + BuildSettings.difference(
                                    info, settings.info(), AppendLog.of(info).difference(SAME_SETTINGS))
                            + " (" + target + "). Build it again with '--rebuild', or choose another name.",
                    target);
        }
        return SpectraInfo.report(target, info).timed(start);
    }
}
