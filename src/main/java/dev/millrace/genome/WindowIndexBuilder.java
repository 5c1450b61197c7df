package dev.millrace.genome;

import dev.millrace.batch.Split;
import dev.millrace.build.BuildProgress;
import dev.millrace.build.RejectedInputException;
import dev.millrace.sqlite.DatabaseException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Computes where the windows of contigs lie, and keeps that in a window database of the original's layout or in a genome
 * store.
 *
 * {@snippet :
 * WindowIndexReport report = new WindowIndexBuilder()
 *         .setGeometry(WindowGeometry.of(8192, 7992, 0))
 *         .setContigs(SplitFile.open(Path.of("train_split.csv")))
 *         .setOutput(Path.of("train_windows.db"))
 *         .build();
 * }
 *
 * <p>Contigs are ordered by the UTF-8 bytes of their names, windows numbered from 0 without gaps. Memory does not grow with
 * contigs or windows; the disk takes the names a second time while they are sorted. A window database is built beside its
 * target and renamed; a store is changed in one transaction. One thread at a time.
 */
public final class WindowIndexBuilder {
    private @Nullable WindowGeometry geometry;
    private @Nullable ContigLengths contigs;
    private @Nullable Path output;
    private String split = Split.ALL.id();
    private BuildProgress progress = BuildProgress.NONE;
    private boolean force;
    private boolean allowEmpty;
    private boolean checksSpace = true;

    /** What may happen to what is there, and whether there must be windows. */
    record Rules(boolean force, boolean allowEmpty, boolean checksSpace) {
        void requireWindows(WindowGeometry geometry, long windows, ContigLengths contigs) {
            if (windows == 0 && !allowEmpty) {
                throw new RejectedInputException(
                        "No windows in " + contigs.description()
                                + ": expected one at least, found none with window size "
                                + geometry.windowSize() + " and window-min-length-threshold " + geometry.minLength()
                                + ". Lower the threshold, or use --allow-empty.",
                        0,
                        0);
            }
        }
    }

    /** Where windows lie. */
    public WindowIndexBuilder setGeometry(WindowGeometry geometry) {
        this.geometry = geometry;
        return this;
    }

    /** The contigs of the split. */
    public WindowIndexBuilder setContigs(ContigLengths contigs) {
        this.contigs = contigs;
        return this;
    }

    /** A genome store that is there, which the windows are added to; else the window database to make. */
    public WindowIndexBuilder setOutput(Path output) {
        this.output = output;
        return this;
    }

    /** Which split of a store they are; {@link Split#ALL} if not said. A window database has no splits. */
    public WindowIndexBuilder optSplit(Split split) {
        this.split = split.id();
        return this;
    }

    /** Whether windows of other contigs or settings are replaced. Else they are an error. */
    public WindowIndexBuilder optForce(boolean force) {
        this.force = force;
        return this;
    }

    /** Whether a split without windows is no error. */
    public WindowIndexBuilder optAllowEmpty(boolean allowEmpty) {
        this.allowEmpty = allowEmpty;
        return this;
    }

    /**
     * Whether a window database is refused when the disk has less room than its windows take at least; true by default. What a store
     * takes in is small, and not looked at.
     */
    public WindowIndexBuilder optSpaceCheck(boolean value) {
        checksSpace = value;
        return this;
    }

    /** Who is told how far it is: phases {@code read} and {@code windows}, both in contigs. */
    public WindowIndexBuilder optProgress(BuildProgress progress) {
        this.progress = progress;
        return this;
    }

    /**
     * Computes the windows.
     *
     * @throws IllegalArgumentException if the threshold leaves no windows of any contig, unless none are allowed
     * @throws RejectedInputException if a contig is there twice, has a length that none can have, is not in the store with
     *     that length, or there are no windows; nothing is changed then
     * @throws dev.millrace.build.OutdatedDatabaseException if the output holds something else already
     * @throws dev.millrace.build.InsufficientSpaceException if the disk has too little room
     * @throws DatabaseException if the output cannot be written, or others keep reading the store
     * @throws IOException if the contigs cannot be read
     */
    public WindowIndexReport build() throws IOException {
        WindowGeometry where = Objects.requireNonNull(geometry, "setGeometry");
        ContigLengths from = Objects.requireNonNull(contigs, "setContigs");
        Path to = Objects.requireNonNull(output, "setOutput");
        if (where.minLength() > where.windowSize() && !allowEmpty) {
            throw new IllegalArgumentException("Expected a window-min-length-threshold of at most the window size "
                    + where.windowSize() + ", found " + where.minLength()
                    + ": no window is as long. Lower it, or use --allow-empty.");
        }
        Rules rules = new Rules(force, allowEmpty, checksSpace);
        return GenomeStore.isStore(to)
                ? new StoreWindows(to, split, where, from, rules).build(progress)
                : WindowDatabase.build(to, where, from, rules, progress);
    }
}
