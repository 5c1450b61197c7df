package dev.millrace.pcqm;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.DiskSpace;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectedInputException;
import dev.millrace.build.Workers;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseBuild;
import dev.millrace.sqlite.Schema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One build of what a {@link PcqmPlan} says: begun, or gone on with, filled and published. One thread; used once. */
final class PcqmBuild {
    private final Path target;
    private final PcqmPlan plan;
    private final int threads;
    private final double maxRejects;
    private final @Nullable Path rejects;
    private final boolean checksSpace;
    private final BuildProgress progress;

    /**
     * Describes the build.
     *
     * @param maxRejects largest share of rejected records
     * @param rejects where to write them
     */
    PcqmBuild(
            Path target,
            PcqmPlan plan,
            int threads,
            double maxRejects,
            @Nullable Path rejects,
            boolean checksSpace,
            BuildProgress progress) {
        this.target = target;
        this.plan = plan;
        this.threads = threads;
        this.maxRejects = maxRejects;
        this.rejects = rejects;
        this.checksSpace = checksSpace;
        this.progress = progress;
    }

    /** @param start when the caller began, {@link System#nanoTime()} */
    PcqmBuildReport run(boolean rebuild, boolean resume, long start) throws IOException {
        boolean goesOn = resume && DatabaseBuild.hasPartial(target);
        PcqmBase base = plan.base();
        if (base != null && base.log().holds(plan.inputFingerprint())) {
            return PcqmPlan.report(target, base.info(), true).timed(0, null, start);
        } else if (base == null && Files.exists(target) && !rebuild && !goesOn) {
            return existing().timed(0, null, start);
        }
        if (checksSpace) {
            DiskSpace.require(target, (base == null ? 0 : Files.size(target)) + PcqmSpace.estimate(plan));
        }
        try (Workers workers = new Workers(threads);
                DatabaseBuild build = begin(goesOn)) {
            long resumedFrom = 0;
            PcqmBuildReport.Appended appended = null;
            if (!build.isFinished()) {
                PcqmWriter writer = new PcqmWriter(build, plan);
                resumedFrom = writer.records();
                fill(build, workers, writer);
                appended = base == null ? null : plan.appended(writer.totals());
                if (base != null && plan.appended(writer.totals()).added() == 0) {
                    build.discard();
                    return PcqmPlan.report(target, base.info(), true).timed(resumedFrom, appended, start);
                }
                finish(build, writer);
            }
            Map<String, String> info = Schema.info(build.database());
            build.publish();
            return PcqmPlan.report(target, info, false).timed(resumedFrom, appended, start);
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }

    private DatabaseBuild begin(boolean goesOn) {
        if (goesOn) {
            DatabaseBuild found = DatabaseBuild.resume(target, PcqmSchema.SCHEMA);
            try {
                // A copy of the file that molecules are added to, and none of them yet: it is made again.
                if (plan.base() == null || found.isFinished() || found.saved().containsKey(PcqmPlan.FINGERPRINT)) {
                    requireSame(found);
                    return found;
                }
            } catch (RuntimeException e) {
                found.close();
                throw e;
            }
            found.discard();
            found.close();
        }
        PcqmBase base = plan.base();
        return base == null
                ? DatabaseBuild.beginResumable(target, PcqmSchema.SCHEMA)
                : DatabaseBuild.beginFrom(target, PcqmSchema.SCHEMA, base.info());
    }

    private void fill(DatabaseBuild build, Workers workers, PcqmWriter writer) throws IOException {
        BuildProgress.Meter meter =
                new BuildProgress.Meter(progress, "build", plan.scan().records());
        try (PcqmInput.Records records = plan.source().open(writer.records(), plan.featureSpec())) {
            workers.inOrder(chunks(records), chunk -> new PcqmRowMaker(plan).make(chunk), made -> {
                writer.write(made);
                meter.advanceTo(writer.records());
            });
        } catch (RejectedInputException e) {
            // To go on from here would only end here again.
            build.discard();
            throw e;
        } catch (IOException | UncheckedIOException e) {
            // Interrupted between two chunks, or while reading: what was written is whole.
            if (Thread.currentThread().isInterrupted()) {
                writer.save();
            }
            throw e;
        }
        meter.finish();
        writer.save();
        writer.report(rejects);
        requireFewRejects(writer.totals(), build);
    }

    private void finish(DatabaseBuild build, PcqmWriter writer) throws IOException {
        BuildProgress.Meter finish = new BuildProgress.Meter(progress, "finish", 0);
        writer.finish(plan.info(writer.totals()));
        if (plan.sourceIndexes()) {
            // They are there already when molecules are added, since only a schema's own indexes are taken away
            // meanwhile.
            build.database()
                    .execute(
                            "PRAGMA temp_store=FILE",
                            "CREATE INDEX IF NOT EXISTS molecules_num_atoms ON molecules (num_atoms)",
                            "CREATE INDEX IF NOT EXISTS molecules_homo_lumo ON molecules (homo_lumo_gap)");
        }
        finish.finish();
    }

    private static Iterator<PcqmInput.Chunk> chunks(PcqmInput.Records records) {
        return new Iterator<>() {
            private PcqmInput.@Nullable Chunk next;

            @Override
            public boolean hasNext() {
                try {
                    next = next == null ? records.next() : next;
                    return next != null;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public PcqmInput.Chunk next() {
                PcqmInput.Chunk chunk = hasNext() ? next : null;
                if (chunk == null) {
                    throw new NoSuchElementException();
                }
                next = null;
                return chunk;
            }
        };
    }

    private void requireSame(DatabaseBuild build) {
        Map<String, Object> saved = build.saved();
        Map<String, String> info = Schema.info(build.database());
        boolean finished = build.isFinished();
        Object found = finished ? info.get(PcqmPlan.FINGERPRINT) : saved.get(PcqmPlan.FINGERPRINT);
        if (!saved.isEmpty() || finished) {
            if (!plan.fingerprint().equals(found)) {
                Map<String, String> other =
                        finished ? info : PcqmPlan.parseSettings(String.valueOf(saved.get(PcqmPlan.SETTINGS)));
                throw new OutdatedDatabaseException(
                        "Cannot resume: the interrupted build is another: " + plan.difference(other) + " (" + target
                                + ".partial). Build with its settings, or without '--resume' to begin anew.",
                        target);
            }
        }
    }

    private PcqmBuildReport existing() {
        try (Database found = Database.open(target, Access.READ)) {
            PcqmSchema.SCHEMA.check(found);
            Map<String, String> info = Schema.info(found);
            if (!plan.fingerprint().equals(info.get(PcqmPlan.FINGERPRINT))) {
                throw new OutdatedDatabaseException(
                        "The database was built otherwise: " + plan.difference(info) + " (" + target
                                + "). Build it again with '--rebuild', or choose another name.",
                        target);
            }
            return PcqmPlan.report(target, info, true);
        }
    }

    private void requireFewRejects(PcqmTotals totals, DatabaseBuild build) {
        PcqmBuildReport.Appended input = plan.appended(totals);
        long present = input.records() - input.leftOut();
        long rejected = input.rejected();
        boolean none = input.added() + input.alreadyStored() == 0;
        if (!none && rejected <= maxRejects * present) {
            return;
        }
        // To go on from here would only end here again.
        build.discard();
        if (none && rejected == 0) {
            throw new RejectedInputException(
                    "The splits name none of the input: expected a molecule in one of them, found "
                            + plan.scan().records() + " left out ("
                            + plan.source().file()
                            + "). Nothing was written. Give the splits of this input.",
                    0,
                    present);
        }
        throw new RejectedInputException(
                (none
                                ? "All of the input was rejected: expected a molecule"
                                : "Too much of the input was rejected: expected" + " at most " + 100 * maxRejects
                                        + " % of " + present + " records")
                        + ", found " + rejected + " rejected " + new TreeMap<>(totals.rejects()) + " ("
                        + plan.source().file() + "). Nothing was written. See them with '--rejects FILE'"
                        + (none ? "." : ", or allow more with '--max-rejects'."),
                rejected,
                present);
    }
}
