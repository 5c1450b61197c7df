package dev.millrace.pcqm;

import dev.millrace.build.BuildProgress;
import dev.millrace.build.BuildSettings;
import dev.millrace.build.OutdatedDatabaseException;
import dev.millrace.build.RejectedInputException;
import dev.millrace.build.SplitRatios;
import dev.millrace.molecule.FeatureSpec;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was asked for of a PCQM4Mv2 database; null where nothing was. Immutable. */
record PcqmRequest(
        @Nullable PcqmLayout layout,
        @Nullable Integer graphsPerBlock,
        @Nullable String featureSpec,
        @Nullable PcqmAdapter adapter,
        @Nullable Boolean smiles,
        @Nullable Boolean sourceIndexes,
        PcqmSplitChoice split,
        @Nullable SplitRatios ratios,
        @Nullable Long seed,
        int maxSamples,
        long recordsPerSave) {
    private static final String SPLITS = "splits";

    /** Decides all that a new database needs. Reads the input once. */
    PcqmPlan overDefaults(PcqmInput source, BuildProgress progress) throws IOException {
        String spec = featureSpec == null ? source.featureSpecs().get(0) : featureSpec;
        boolean blocks = layout == PcqmLayout.BLOCKS;
        int graphs = graphsPerBlock == null ? PcqmBuilder.DEFAULT_GRAPHS_PER_BLOCK : graphsPerBlock;
        requireSpec(source, spec);
        PcqmInput.Scan scan = scan(source, blocks, progress);
        long ownSeed = seed == null ? 42 : seed;
        PcqmSplitChoice.Decided decided =
                split.decide(scan, ratios == null ? SplitRatios.defaults() : ratios, ownSeed, maxSamples);
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("layout", blocks ? "blocks" : "rows");
        if (blocks) {
            settings.put("graphs_per_block", Integer.toString(graphs));
        }
        settings.put("feature_spec", spec);
        settings.put("targets", String.join(",", PcqmPlan.allTargets(source)));
        settings.put("adapter", word(adapter == null ? PcqmAdapter.NATIVE : adapter));
        settings.putAll(decided.setting());
        settings.put("seed", Long.toString(ownSeed));
        settings.put("max_samples", Integer.toString(maxSamples));
        settings.put("smiles", Boolean.toString(!Boolean.FALSE.equals(smiles)));
        settings.put("source_indexes", Boolean.toString(Boolean.TRUE.equals(sourceIndexes)));
        settings.putAll(rules(source));
        return plan(source, scan, decided, settings, null);
    }

    /**
     * Decides all that is needed to add to a database: its settings hold. Reads the input once.
     *
     * @throws OutdatedDatabaseException if others were asked for
     */
    PcqmPlan over(PcqmBase base, PcqmInput source, BuildProgress progress) throws IOException {
        requireSame(base, source);
        boolean blocks = base.settings().layout() == PcqmLayout.BLOCKS;
        requireSpec(source, base.entry("feature_spec"));
        PcqmInput.Scan scan = scan(source, blocks, progress);
        PcqmSplitChoice.Decided decided = split.goOn(base, scan, maxSamples);
        Map<String, String> settings = new LinkedHashMap<>();
        for (String key : List.of("layout", "feature_spec", "targets", "adapter", "seed", "smiles", "source_indexes")) {
            settings.put(key, base.entry(key));
        }
        if (blocks) {
            settings.put("graphs_per_block", base.entry("graphs_per_block"));
        }
        settings.putAll(decided.setting());
        settings.put("max_samples", Integer.toString(maxSamples));
        settings.putAll(rules(source));
        return plan(source, scan, decided, settings, base);
    }

    private PcqmPlan plan(
            PcqmInput source,
            PcqmInput.Scan scan,
            PcqmSplitChoice.Decided decided,
            Map<String, String> settings,
            @Nullable PcqmBase base) {
        return new PcqmPlan(
                source,
                scan,
                decided.splits(),
                decided.rule(),
                settings,
                recordsPerSave,
                BuildSettings.fingerprint(scan.sha256() + "\n", settings),
                base);
    }

    private void requireSame(PcqmBase base, PcqmInput source) throws IOException {
        Map<String, String> given = new LinkedHashMap<>();
        if (layout != null) {
            given.put("layout", word(layout));
        }
        if (graphsPerBlock != null && base.settings().layout() == PcqmLayout.BLOCKS) {
            given.put("graphs_per_block", Integer.toString(graphsPerBlock));
        }
        if (featureSpec != null) {
            given.put("feature_spec", featureSpec);
        }
        if (adapter != null) {
            given.put("adapter", word(adapter));
        }
        if (smiles != null) {
            given.put("smiles", smiles.toString());
        }
        if (sourceIndexes != null) {
            given.put("source_indexes", sourceIndexes.toString());
        }
        if (seed != null) {
            given.put("seed", seed.toString());
        }
        String splits = split.setting(ratios);
        if (splits != null) {
            given.put(SPLITS, splits);
        }
        given.put("targets", String.join(",", PcqmPlan.allTargets(source)));
        given.putAll(rules(source));
        given.remove(PcqmPlan.GAPS);
        String difference = BuildSettings.difference(base.info(), given, "");
        if (!difference.isEmpty()) {
            throw new OutdatedDatabaseException(
                    "Cannot append to a database that was built otherwise: " + difference + " (" + base.file()
                            + "). Leave these options out to take what the file has, or build it again from all inputs.",
                    base.file());
        }
    }

    /** What does not depend on what was asked for. */
    private static Map<String, String> rules(PcqmInput source) throws IOException {
        Map<String, String> rules = new LinkedHashMap<>();
        rules.put("source_kind", source.kind());
        if (!source.settings().isEmpty()) {
            rules.put(PcqmPlan.GAPS, String.join(" ", source.settings()));
        }
        rules.put("rules", FeatureSpec.RULES);
        rules.put("codec", "tensor-blob-1");
        rules.put("schema_version", Integer.toString(PcqmSchema.VERSION));
        return rules;
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static void requireSpec(PcqmInput source, String spec) {
        if (!source.featureSpecs().contains(spec)) {
            throw new IllegalArgumentException("Feature specification of a " + source.kind()
                    + " input: expected one of " + source.featureSpecs() + ", found '" + spec + "'.");
        }
    }

    private static PcqmInput.Scan scan(PcqmInput source, boolean blocks, BuildProgress progress) throws IOException {
        BuildProgress.Meter meter = new BuildProgress.Meter(progress, "scan", 0);
        PcqmInput.Scan scan = source.scan(meter);
        meter.finish();
        if (scan.records() == 0 || scan.records() > Integer.MAX_VALUE) {
            throw new RejectedInputException(
                    "Cannot build from " + source.file() + ": expected 1 to " + Integer.MAX_VALUE + " records, found "
                            + scan.records() + ".",
                    0,
                    0);
        }
        if (blocks && !scan.ascending()) {
            throw new RejectedInputException(
                    "Cannot lay blocks: expected every idx larger than those before it, found another in record "
                            + scan.disorder() + " (" + source.file() + "). Sort the file by idx, or use layout rows.",
                    0,
                    scan.records());
        }
        return scan;
    }
}
