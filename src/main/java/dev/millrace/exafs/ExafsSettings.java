package dev.millrace.exafs;

import dev.millrace.build.SplitRatios;
import dev.millrace.tensor.Compression;
import dev.millrace.tensor.DType;
import dev.millrace.tensor.TensorBlob;
import dev.millrace.tensor.TensorCodec;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything beside the tree that decides what a database holds. Immutable.
 *
 * @param parameters of χ
 * @param grid of χ
 * @param gridRule the grid as {@code kmin,kmax,kstep}
 * @param storage element type of χ, float64 or float32
 * @param compression of all BLOBs
 * @param keepsArrays whether FEFF's columns are stored, from which χ can be computed anew
 * @param splitBy {@code frame}, {@code atom}, or {@code auto}: by frame where there is more than one
 * @param ratios shares of the splits
 * @param seed of the splits
 */
record ExafsSettings(
        ChiParameters parameters,
        KGrid grid,
        String gridRule,
        DType storage,
        Compression compression,
        boolean keepsArrays,
        String splitBy,
        SplitRatios ratios,
        long seed) {
    private static final long LEAST_ARRAY_BYTES = 1_500;

    private static final String PARAMETERS = "parameters";
    private static final String GRID = "k_grid";
    private static final String STORAGE = "storage";
    private static final String ARRAYS = "feff_arrays";
    private static final String SPLIT = "split";
    private static final String RATIOS = "split_ratios";
    private static final String SEED = "seed";

    /** What is asked for; null stands for what the database has, and for the default without one. */
    record Request(
            @Nullable ChiParameters parameters,
            @Nullable String gridRule,
            @Nullable DType storage,
            @Nullable Compression compression,
            @Nullable Boolean keepsArrays,
            @Nullable String splitBy,
            @Nullable SplitRatios ratios,
            @Nullable Long seed) {
        /**
         * @param there what the existing database says of itself; empty without one
         * @throws IllegalArgumentException if something in it cannot be read
         */
        ExafsSettings over(Map<String, String> there) {
            String storageThere = there.getOrDefault(STORAGE, "float64");
            String rule = gridRule == null ? there.getOrDefault(GRID, "0.0,20.0,0.05") : gridRule;
            return new ExafsSettings(
                    parameters == null ? ParameterText.parse(there.get(PARAMETERS)) : parameters,
                    grid(rule),
                    rule,
                    storage != null ? storage : storageThere.startsWith("float32") ? DType.FLOAT32 : DType.FLOAT64,
                    compression != null
                            ? compression
                            : storageThere.endsWith("lz4") ? Compression.LZ4 : Compression.NONE,
                    keepsArrays == null ? !"false".equals(there.get(ARRAYS)) : keepsArrays,
                    splitBy == null ? there.getOrDefault(SPLIT, "auto") : splitBy,
                    ratios == null
                            ? there.containsKey(RATIOS)
                                    ? SplitRatios.parse(there.getOrDefault(RATIOS, ""))
                                    : SplitRatios.defaults()
                            : ratios,
                    seed == null ? Long.parseLong(there.getOrDefault(SEED, "42")) : seed);
        }
    }

    /** The grid that {@code kmin,kmax,kstep} stands for. */
    static KGrid grid(String rule) {
        String[] part = rule.split(",", -1);
        return KGrid.of(Double.parseDouble(part[0]), Double.parseDouble(part[1]), Double.parseDouble(part[2]));
    }

    /** How χ is stored, as in {@code parameter_sets}. */
    String storageName() {
        return storage.name().toLowerCase(Locale.ROOT) + (compression == Compression.LZ4 ? "-lz4" : "");
    }

    /** As keys of {@code dataset_info}. */
    Map<String, String> info() {
        Map<String, String> info = new LinkedHashMap<>();
        info.put(PARAMETERS, ParameterText.of(parameters));
        info.put(GRID, gridRule);
        info.put(STORAGE, storageName());
        info.put(ARRAYS, Boolean.toString(keepsArrays));
        info.put(SPLIT, splitBy);
        info.put(RATIOS, ratios.toString());
        info.put(SEED, Long.toString(seed));
        info.put("schema_version", Integer.toString(ExafsSchema.VERSION));
        return info;
    }

    /** What a path takes in a database at least: docs/decisions/0018. Compressed χ of noise is not much smaller. */
    long leastBytes() {
        long chi = (long) grid.size() * storage.sizeBytes();
        return compression == Compression.NONE ? chi + (keepsArrays ? LEAST_ARRAY_BYTES : 0) : chi / 8;
    }

    /** χ as it is stored. */
    TensorBlob encode(double[] chi) {
        if (storage == DType.FLOAT64) {
            return TensorCodec.ofDoubles(chi, compression, chi.length);
        }
        float[] narrow = new float[chi.length];
        for (int i = 0; i < chi.length; i++) {
            narrow[i] = (float) chi[i];
        }
        return TensorCodec.ofFloats(narrow, compression, narrow.length);
    }
}
