package dev.millrace.cli;

import dev.millrace.exafs.ExafsStatistics;
import dev.millrace.exafs.KGrid;
import dev.millrace.model.ChiModel;
import dev.millrace.training.Checkpoint;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A model of χ(k), beside its parameters. Immutable.
 *
 * @param target what it predicts
 * @param exafsModel shape of the network
 * @param input what it was trained on, and is scaled by
 * @param trainedOn where the parameters come from
 */
record ExafsModelFile(
        ExafsSection.Target target, ExafsModelSection exafsModel, Input input, ModelFile.TrainedOn trainedOn)
        implements ModelDescription {
    private static final String KEY = "exafs_model";

    /**
     * What a model knows of its data.
     *
     * @param k where χ is given, Å⁻¹
     * @param maxLegs atoms that it has room for
     * @param kWeight n of kⁿ χ(k)
     * @param meanDistance Å
     * @param distanceDeviation Å
     * @param amplitude Å²
     * @param atomicNumbers Z of the atoms that it has seen
     */
    record Input(
            List<Double> k,
            int maxLegs,
            int kWeight,
            double meanDistance,
            double distanceDeviation,
            double amplitude,
            List<Integer> atomicNumbers) {
        static Input of(KGrid grid, int maxLegs, int kWeight, ExafsStatistics statistics) {
            return new Input(
                    Arrays.stream(grid.toArray()).boxed().toList(),
                    maxLegs,
                    kWeight,
                    statistics.meanDistance(),
                    statistics.distanceDeviation(),
                    statistics.amplitude(),
                    statistics.atomicNumbers());
        }

        KGrid grid() {
            return KGrid.of(k.stream().mapToDouble(Double::doubleValue).toArray());
        }
    }

    /** Whether a model file is one of χ(k). */
    static boolean describes(ConfigNode root) {
        Map<String, ConfigNode> members = root.members();
        return members != null && members.containsKey(KEY);
    }

    /**
     * That of a checkpoint.
     *
     * @throws UsageException if it is of another kind of model
     */
    static ExafsModelFile of(Checkpoint checkpoint) {
        String source = checkpoint.folder().resolve(ModelFile.NAME).toString();
        ConfigNode root =
                ConfigTree.parse(source, new String(checkpoint.attachment(ModelFile.NAME), StandardCharsets.UTF_8));
        if (!describes(root)) {
            throw new UsageException("--model: expected a model of χ(k), found another one in " + source
                    + ". Train one with configs/exafs.yaml.");
        }
        ConfigBinder binder = new ConfigBinder(source, Map.of());
        ExafsModelFile file = binder.bind(ExafsModelFile.class, root);
        binder.check();
        if (file == null) {
            throw new IllegalStateException("A model file without faults was not bound: " + source);
        }
        return file;
    }

    @Override
    public byte[] toBytes() {
        return YAMLMapper.shared()
                .writeValueAsString(new LinkedHashMap<>(ConfigBinder.toMap(this)))
                .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public ChiModel newBlock() {
        return (ChiModel) ModelDescription.newBlock(toBytes());
    }
}
