package dev.millrace.pcqm;

import dev.millrace.build.Sha256;
import dev.millrace.build.SplitRatios;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How molecules are to be divided into splits. Immutable. */
public final class PcqmSplitChoice {
    private enum Kind {
        AUTOMATIC,
        OWN,
        RATIOS,
        FILE
    }

    private final Kind kind;
    private final @Nullable Path file;

    private PcqmSplitChoice(Kind kind, @Nullable Path file) {
        this.kind = kind;
        this.file = file;
    }

    /** The data set's own if the input has an idx of its validation range or beyond, else by shares. */
    public static PcqmSplitChoice automatic() {
        return new PcqmSplitChoice(Kind.AUTOMATIC, null);
    }

    /** By the data set's ranges of idx: train, val, test-dev, test-challenge. */
    public static PcqmSplitChoice own() {
        return new PcqmSplitChoice(Kind.OWN, null);
    }

    /** By shares of exact size, seeded: train, val, test. */
    public static PcqmSplitChoice ratios() {
        return new PcqmSplitChoice(Kind.RATIOS, null);
    }

    /**
     * By a file: CSV {@code idx,split}, plain or gzip, or JSON with an array of idx for each split. A molecule that it does not
     * name is left out.
     */
    public static PcqmSplitChoice file(Path file) {
        return new PcqmSplitChoice(Kind.FILE, file);
    }

    @Nullable
    Path file() {
        return file;
    }

    /**
     * What was decided.
     *
     * @param rule in words
     * @param setting as entries of {@code dataset_info}
     */
    record Decided(PcqmSplits splits, String rule, Map<String, String> setting) {}

    /**
     * How the entry {@code splits} of a file reads that was divided so; null where anything will do.
     *
     * @param ratios null where none were given
     */
    @Nullable
    String setting(@Nullable SplitRatios ratios) {
        return switch (kind) {
            case AUTOMATIC -> ratios == null ? null : "ratios " + ratios;
            case OWN -> "own";
            case RATIOS -> ratios == null ? null : "ratios " + ratios;
            case FILE -> "file";
        };
    }

    /**
     * Divides more molecules as a database is.
     *
     * @param maxSamples how many records to take; 0 for all
     * @throws IllegalArgumentException if it was divided in another way, or needs a file
     */
    Decided goOn(PcqmBase base, PcqmInput.Scan scan, int maxSamples) throws IOException {
        int records = (int) scan.records();
        int taken = maxSamples == 0 ? records : Math.min(records, maxSamples);
        String splits = base.entry("splits");
        String rule = base.info().getOrDefault(PcqmPlan.SPLIT_RULE, "");
        long seed = Long.parseLong(base.entry("seed"));
        Map<String, String> setting = new LinkedHashMap<>();
        setting.put("splits", splits);
        if (splits.startsWith("ratios ")) {
            if (kind == Kind.OWN || kind == Kind.FILE) {
                throw otherwise(base, splits);
            }
            SplitRatios ratios = SplitRatios.parse(splits.substring("ratios ".length()));
            int stream = base.log().count() + 1;
            PcqmSplits more = new PcqmSplits.Ratios(records, taken, base.splits(), ratios, seed, stream);
            return new Decided(new PcqmSplits.Among(base.names(more.names()), more), rule, setting);
        }
        PcqmSplits all = new PcqmSplits.Own();
        if (splits.equals("file")) {
            if (file == null) {
                throw new IllegalArgumentException("The database was divided by a file: expected one that names the new"
                        + " molecules, found none (" + base.file() + "). Give it with '--split FILE'.");
            }
            all = SplitFile.readAny(file);
            setting.put(PcqmPlan.SPLIT_FILE, new Sha256().add(file).hex());
        } else if (kind == Kind.RATIOS || kind == Kind.FILE) {
            throw otherwise(base, splits);
        }
        PcqmSplits more = taken == records ? all : new PcqmSplits.Subset(all, records, taken, seed);
        return new Decided(new PcqmSplits.Among(base.names(more.names()), more), rule, setting);
    }

    private IllegalArgumentException otherwise(PcqmBase base, String found) {
        return new IllegalArgumentException("Splits: expected " + kind.name().toLowerCase(java.util.Locale.ROOT)
                + ", found that the database was divided by " + found + " (" + base.file()
                + "). Leave '--split' out to go on with that.");
    }

    /** @param maxSamples how many records to take; 0 for all */
    Decided decide(PcqmInput.Scan scan, SplitRatios ratios, long seed, int maxSamples) throws IOException {
        int records = (int) scan.records();
        int taken = maxSamples == 0 ? records : Math.min(records, maxSamples);
        boolean automatic = kind == Kind.AUTOMATIC;
        boolean reaches = scan.maxIdx() >= PcqmSplits.Own.FIRST_VALIDATION;
        Map<String, String> setting = new LinkedHashMap<>();
        if (kind == Kind.RATIOS || (automatic && !reaches)) {
            setting.put("splits", "ratios " + ratios);
            String why = automatic ? "the input ends before the data set's validation range" : "as asked for";
            return new Decided(
                    new PcqmSplits.Ratios(records, taken, ratios, seed),
                    "ratios " + ratios + ", seed " + seed + " (" + why + ")",
                    setting);
        }
        PcqmSplits all = file == null ? new PcqmSplits.Own() : SplitFile.read(file);
        setting.put("splits", file == null ? "own" : "file");
        if (file != null) {
            setting.put(PcqmPlan.SPLIT_FILE, new Sha256().add(file).hex());
        }
        String rule = file != null
                ? "file " + file.getFileName()
                : "own, by idx ("
                        + (automatic ? "the input reaches into the data set's validation range" : "as asked for") + ")";
        return new Decided(taken == records ? all : new PcqmSplits.Subset(all, records, taken, seed), rule, setting);
    }
}
