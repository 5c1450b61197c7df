package dev.millrace.spectra;

import dev.millrace.build.SplitRatios;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Everything beside the inputs that decides what the rows of a spectra database are. Immutable. */
record SpectraSettings(String featureSpec, SpectrumOptions spectrum, SplitRatios ratios, long seed, int maxSamples) {
    static final String SAMPLES = "max_samples";

    private static final String SPEC = "feature_spec";
    private static final String RATIOS = "split_ratios";
    private static final String SEED = "seed";

    /**
     * What was asked for; null where nothing was.
     *
     * @param spectrum changes the options that hold without it
     */
    record Request(
            @Nullable String featureSpec,
            UnaryOperator<SpectrumOptions> spectrum,
            @Nullable SplitRatios ratios,
            @Nullable Long seed,
            int maxSamples) {
        /** Of a new database. */
        SpectraSettings overDefaults() {
            return new SpectraSettings(
                    featureSpec == null ? "bitspec-48-6" : featureSpec,
                    spectrum.apply(SpectrumOptions.defaults()),
                    ratios == null ? SplitRatios.defaults() : ratios,
                    seed == null ? 42 : seed,
                    maxSamples);
        }

        /**
         * What a database has, with what was asked for in its place.
         *
         * @throws IllegalArgumentException if the database does not say what it has
         */
        SpectraSettings over(Map<String, String> info) {
            return new SpectraSettings(
                    featureSpec == null ? info.getOrDefault(SPEC, "") : featureSpec,
                    spectrum.apply(SpectrumOptions.fromInfo(info)),
                    ratios == null ? SplitRatios.parse(info.getOrDefault(RATIOS, "")) : ratios,
                    seed == null ? Long.parseLong(info.getOrDefault(SEED, "")) : seed,
                    maxSamples);
        }
    }

    /** As entries of {@code dataset_info}. */
    Map<String, String> info() {
        Map<String, String> info = ofFile();
        info.put(SAMPLES, Integer.toString(maxSamples));
        return info;
    }

    /** Those that hold for all inputs of a file. */
    Map<String, String> ofFile() {
        Map<String, String> info = new LinkedHashMap<>(spectrum.toInfo());
        info.put(SPEC, featureSpec);
        info.put("split_scheme", SplitPlan.SCHEME);
        info.put(RATIOS, ratios.toString());
        info.put(SEED, Long.toString(seed));
        info.put("rdkit_rules", "2022.09");
        info.put("codec", "tensor-blob-1 lz4");
        info.put("schema_version", Integer.toString(SpectraSchema.VERSION));
        return info;
    }
}
