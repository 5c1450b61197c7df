package dev.millrace.exafs;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.BuildSettings;
import dev.millrace.build.DiskSpace;
import dev.millrace.build.InfoCounts;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectedInputException;
import dev.millrace.build.Workers;
import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.CorruptDatabaseException;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.DatabaseBuild;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.Schema;
import dev.millrace.sqlite.SchemaMismatchException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One build of an {@link ExafsBuilder}. What has to be done follows from the tree and from what is in the file already, be it a
 * copy of the old database or what an interrupted build left: both are filled up the same way. One thread; used once.
 */
final class ExafsBuild {
    private static final String FINGERPRINT = "fingerprint";
    private static final String BASE = "built_on";
    private static final String NOTHING = "nothing";
    private static final String LAST_PATH = "last_path_id";

    /**
     * How to build, which does not decide what is built.
     *
     * @param rejects what is done about files that cannot be used
     * @param savePaths save after so many paths at the latest
     * @param checksSpace whether to look for room on the disk first
     * @param maxPages largest size of the file in pages; 0 for any
     */
    record Ways(
            int threads,
            boolean rebuild,
            boolean prune,
            ExafsRejects rejects,
            long savePaths,
            boolean checksSpace,
            long maxPages) {
        Ways withoutRebuild() {
            return new Ways(threads, false, prune, rejects, savePaths, checksSpace, maxPages);
        }
    }

    private final Path root;
    private final Path target;
    private final FeffTree.Rules rules;
    private final ExafsSettings.Request request;
    private final Ways ways;
    private final BuildProgress progress;
    private final ExafsBuildCounts counts = new ExafsBuildCounts();

    ExafsBuild(
            Path root,
            Path target,
            FeffTree.Rules rules,
            ExafsSettings.Request request,
            Ways ways,
            BuildProgress progress) {
        this.root = root;
        this.target = target;
        this.rules = rules;
        this.request = request;
        this.ways = ways;
        this.progress = progress;
    }

    /** @param start when the caller began, {@link System#nanoTime()} */
    ExafsBuildReport run(long start) throws IOException {
        boolean goesOn = Files.exists(target) && !ways.rebuild;
        Map<String, String> there = goesOn ? infoOfTarget() : Map.of();
        ExafsSettings settings = request.over(there);
        String fingerprint = fingerprint(settings);
        if (goesOn) {
            requireSameSettings(settings, there);
        }
        FeffTree tree = scan(goesOn);
        if (goesOn) {
            ExafsBuildReport unchanged = unchanged(tree, there, start);
            if (unchanged != null) {
                return unchanged;
            }
        }
        requireSpace(tree, settings, there);
        String base = goesOn ? there.getOrDefault("info_crc", NOTHING) : NOTHING;
        try (Workers workers = new Workers(ways.threads);
                DatabaseBuild build = begin(goesOn, fingerprint, base, there)) {
            if (build.isFinished()) {
                // Only the rename was left of an interrupted build; the tree may have changed since.
                build.publish();
                return new ExafsBuild(root, target, rules, request, ways.withoutRebuild(), progress).run(start);
            }
            if (ways.maxPages > 0) {
                build.database().execute("PRAGMA max_page_count=" + ways.maxPages);
            }
            build.database().execute("PRAGMA foreign_keys=1");
            fill(build, workers, tree, settings, Map.of(FINGERPRINT, fingerprint, BASE, base));
            requireNotInterrupted();
            ways.rejects.write(build.database());
            ways.rejects.requireFew(
                    build.database(), tree, "Nothing was published. What was computed is kept for the next build.");
            List<String> warnings = finish(build, tree, settings, fingerprint, base, there);
            Map<String, String> info = Schema.info(build.database());
            ExafsBuildReport report = report(build.database(), info, tree, false, warnings, start);
            build.publish();
            return report.published(Files.size(target), (System.nanoTime() - start) / 1e9);
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }

    /* An old database is copied; of files that changed in it the rows are replaced. */
    private void requireSpace(FeffTree tree, ExafsSettings settings, Map<String, String> there) throws IOException {
        if (ways.checksSpace) {
            long old = there.isEmpty() ? 0 : Files.size(target);
            long paths = Math.max(0, tree.fileCount() - InfoCounts.of(there, "paths"));
            DiskSpace.require(target, old + paths * settings.leastBytes());
        }
    }

    /** Before the steps that an interrupt would end with an error of its own. */
    private static void requireNotInterrupted() throws InterruptedIOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("Interrupted: nothing was published. The next build goes on from here.");
        }
    }

    private Map<String, String> infoOfTarget() {
        try (Database found = Database.open(target, Access.READ)) {
            ExafsSchema.SCHEMA.check(found);
            return Schema.info(found);
        }
    }

    private String fingerprint(ExafsSettings settings) {
        return BuildSettings.fingerprint(rules.describe() + "\n", settings.info());
    }

    private void requireSameSettings(ExafsSettings settings, Map<String, String> there) {
        String difference = BuildSettings.difference(there, settings.info(), "");
        if (!difference.isEmpty()) {
            throw new OutdatedDatabaseException(
                    "The database was built otherwise: " + difference + " (" + target
                            + "). Build it again with '--rebuild', or choose another name.",
                    target);
        }
    }

    private FeffTree scan(boolean goesOn) throws IOException {
        Map<String, FeffTree.AbsorberKey> known = Map.of();
        if (goesOn && rules.numbersMissing()) {
            try (Database found = Database.open(target, Access.READ)) {
                known = new StoredTree(found).keys();
            }
        }
        FeffTree tree = FeffTree.scan(root, rules, progress, known);
        if (tree.fileCount() == 0) {
            throw new RejectedInputException(
                    "Cannot build from " + root + ": expected path files named " + rules.file() + ", found none"
                            + (tree.ignoredCount() > 0
                                    ? ", but " + tree.ignoredCount() + " like "
                                            + tree.ignored().get(0)
                                            + ". Give the pattern of their names with '--file-pattern'."
                                    : ". Give the folder below which FEFF's results are."),
                    0,
                    0);
        }
        if (tree.ignoredCount() > 0) {
            counts.warn(
                    tree.ignoredCount(),
                    "files that begin with feff and end in .dat are not named " + rules.file()
                            + " and were left out; --file-pattern takes others",
                    tree.ignored().get(0));
        }
        return tree;
    }

    /** The report of a database that is as the tree is; null if there is something to do. */
    private @Nullable ExafsBuildReport unchanged(FeffTree tree, Map<String, String> there, long start)
            throws IOException {
        try (Database found = Database.open(target, Access.READ)) {
            StoredTree stored = new StoredTree(found);
            ExafsBuildCounts seen = new ExafsBuildCounts();
            boolean anyReject = !stored.goneRejects(tree).isEmpty();
            if (anyReject || isChanged(tree, stored, seen) || (ways.prune && seen.gone > 0)) {
                return null;
            }
            counts.unchanged = seen.unchanged;
            counts.gone = seen.gone;
            ways.rejects.write(found);
            ways.rejects.requireFew(found, tree, "The database stays as it was.");
            return report(found, there, tree, true, counts.warnings(), start)
                    .published(Files.size(target), (System.nanoTime() - start) / 1e9);
        }
    }

    private boolean isChanged(FeffTree tree, StoredTree stored, ExafsBuildCounts seen) throws IOException {
        for (FeffFolder folder : tree.folders()) {
            FolderChanges changes = FolderChanges.of(folder, stored);
            if (changes.folderChanged() || !changes.goneRejects().isEmpty()) {
                return true;
            }
            for (int i = 0; i < changes.files().length; i++) {
                StoredTree.StoredFile before = changes.before()[i];
                // Another time alone is no change: a copied tree has the same content.
                if (before == null || !hasDigest(folder.file(changes.files()[i]), before.digest())) {
                    return true;
                }
                seen.unchanged++;
            }
            seen.gone += changes.gone().length;
            seen.unchanged += changes.unchanged();
        }
        for (StoredTree.Absorber absorber : stored.gone(tree)) {
            seen.gone += stored.files(absorber).size();
        }
        return false;
    }

    private static boolean hasDigest(Path file, long digest) {
        try {
            return PathWork.digest(FeffFile.content(file)) == digest;
        } catch (FeffFileException e) {
            return false;
        }
    }

    /** Goes on with an interrupted build of the same, or begins with the old database, or with nothing. */
    private DatabaseBuild begin(boolean goesOn, String fingerprint, String base, Map<String, String> there) {
        if (DatabaseBuild.hasPartial(target)) {
            try {
                DatabaseBuild found = DatabaseBuild.resume(target, ExafsSchema.SCHEMA);
                Map<String, ? extends Object> of = found.isFinished() ? Schema.info(found.database()) : found.saved();
                if (fingerprint.equals(of.get(FINGERPRINT)) && base.equals(of.get(BASE))) {
                    return found;
                }
                found.discard();
                found.close();
            } catch (SchemaMismatchException | CorruptDatabaseException e) {
                // Of another version, or damaged: nothing to go on with. It is removed below.
                counts.warn("what an interrupted build left cannot be used", String.valueOf(e.getMessage()));
            }
        }
        if (goesOn) {
            return DatabaseBuild.beginFrom(target, ExafsSchema.SCHEMA, there);
        }
        DatabaseBuild fresh = DatabaseBuild.beginResumable(target, ExafsSchema.SCHEMA);
        try {
            // The size of pages is chosen by copying what there is: a few empty tables.
            fresh.database().execute("PRAGMA page_size=" + ExafsSchema.PAGE_BYTES, "VACUUM");
            return fresh;
        } catch (RuntimeException e) {
            fresh.close();
            throw e;
        }
    }

    private void fill(
            DatabaseBuild build, Workers workers, FeffTree tree, ExafsSettings settings, Map<String, Object> saved)
            throws IOException {
        StoredTree stored = new StoredTree(build.database());
        long lastPath = InfoCounts.of(Schema.info(build.database()), LAST_PATH);
        BuildProgress.Meter meter = new BuildProgress.Meter(progress, "build", tree.fileCount());
        long[] done = {0};
        try (ExafsWriter writer = new ExafsWriter(build, settings, stored, counts, saved, lastPath, ways.savePaths)) {
            writer.save();
            removeGone(writer, stored, tree);
            Iterator<PathWork.Unit> units = units(tree, stored, writer, done);
            try {
                workers.inOrder(units, new PathWork(settings), made -> {
                    writer.write(made);
                    done[0] += made.files().size();
                    meter.advanceTo(done[0]);
                });
            } catch (IOException | UncheckedIOException e) {
                // Interrupted between two units: what was written is whole.
                if (Thread.currentThread().isInterrupted()) {
                    writer.save();
                }
                throw e;
            }
            writer.save();
            meter.finish();
            List<Long> missing = AtomSum.missing(build.database());
            BuildProgress.Meter sums = new BuildProgress.Meter(progress, "sums", missing.size());
            for (int i = 0; i < missing.size(); i++) {
                AtomSum.of(build.database(), missing.get(i)).insert(missing.get(i), settings, writer.rows());
                sums.advanceTo(i + 1L);
            }
            writer.save();
            sums.finish();
        }
    }

    /** Sees to absorbers that the tree does not have any longer. */
    private void removeGone(ExafsWriter writer, StoredTree stored, FeffTree tree) {
        stored.goneRejects(tree).forEach(writer::forgetReject);
        for (StoredTree.Absorber absorber : stored.gone(tree)) {
            if (ways.prune) {
                writer.prune(absorber);
            } else {
                counts.gone += stored.files(absorber).size();
            }
        }
    }

    private Iterator<PathWork.Unit> units(FeffTree tree, StoredTree stored, ExafsWriter writer, long[] done) {
        return tree.folders().stream()
                .flatMap(folder -> {
                    FolderChanges changes = FolderChanges.of(folder, stored);
                    counts.unchanged += changes.unchanged();
                    done[0] += changes.unchanged();
                    boolean prunes = ways.prune && changes.gone().length > 0;
                    if (prunes) {
                        writer.prune(changes.gone());
                    } else {
                        counts.gone += changes.gone().length;
                    }
                    return changes.isAny() || prunes ? PathWork.units(changes).stream() : Stream.empty();
                })
                .iterator();
    }

    /** Splits, what the file says of itself, and the manifest; returns what to warn of. */
    private List<String> finish(
            DatabaseBuild build,
            FeffTree tree,
            ExafsSettings settings,
            String fingerprint,
            String base,
            Map<String, String> there) {
        Database database = build.database();
        BuildProgress.Meter meter = new BuildProgress.Meter(progress, "finish", 0);
        ExafsSplits splits = ExafsSplits.of(database, settings.splitBy(), settings.ratios(), settings.seed());
        if (splits.isUndivided(settings.ratios())) {
            counts.warn(
                    "too few to divide into training, validation and test: all is for training",
                    splits.units() + " " + splits.by());
        }
        Map<String, String> info = new LinkedHashMap<>(settings.info());
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        info.put("created_utc", there.getOrDefault("created_utc", now));
        info.put("updated_utc", now);
        info.put("source_folder", String.valueOf(tree.root().getFileName()));
        info.put("files", Long.toString(tree.fileCount()));
        info.put("split_by", splits.by());
        for (String table : List.of("scattering_paths", "absorbers", "rejects")) {
            info.put(
                    table.equals("scattering_paths") ? "paths" : table,
                    Long.toString(database.queryLong("SELECT count(*) FROM " + table)));
        }
        info.put("frames", Long.toString(database.queryLong("SELECT count(DISTINCT frame) FROM absorbers")));
        info.put(
                LAST_PATH,
                Long.toString(Math.max(
                        InfoCounts.of(there, LAST_PATH),
                        database.queryLong("SELECT max(path_id) FROM scattering_paths"))));
        info.put(FINGERPRINT, fingerprint);
        info.put(BASE, base);
        info.put("codec", "tensor-blob-1");
        Schema.putInfo(database, info);
        Manifest.write(database, ExafsSchema.BY_PATH, splits.ids());
        meter.finish();
        return counts.warnings();
    }

    private ExafsBuildReport report(
            Database database,
            Map<String, String> info,
            FeffTree tree,
            boolean upToDate,
            List<String> warnings,
            long start) {
        return new ExafsBuildReport(
                upToDate,
                tree.fileCount(),
                InfoCounts.of(info, "paths"),
                InfoCounts.of(info, "absorbers"),
                InfoCounts.of(info, "frames"),
                counts.added,
                counts.replaced,
                counts.unchanged,
                counts.pruned,
                counts.gone,
                ExafsRejects.counts(database),
                ExafsRejects.first(database),
                database.queryLong("SELECT count(*) FROM absorbers WHERE reject_count > 0"),
                warnings,
                ExafsSplits.sizes(database),
                info.getOrDefault("split_by", ""),
                0,
                (System.nanoTime() - start) / 1e9);
    }
}
