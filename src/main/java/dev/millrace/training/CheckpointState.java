package dev.millrace.training;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code checkpoint.json} holds: everything of a run but the arrays. Immutable.
 *
 * @param format version of the folder's layout
 * @param versions of this library, DJL, the engine and Java, by name
 * @param modelName name of the DJL model, the start of the parameter file's name
 * @param dataType DJL name of the type new parameters get
 * @param inputShapes shapes the block was initialised with
 * @param parameters name, type and shape of every parameter, in block order
 * @param settings the plan's fingerprint, loss and data digests
 * @param settingsHash SHA-256 of {@code settings}
 * @param threads computing threads of the engine, as configured
 * @param progress where the run stands
 */
record CheckpointState(
        int format,
        Map<String, String> versions,
        String modelName,
        String dataType,
        List<List<Long>> inputShapes,
        List<ParameterShape> parameters,
        Map<String, String> settings,
        String settingsHash,
        String threads,
        Progress progress) {
    static final int FORMAT = 1;

    /** One parameter as stored. */
    record ParameterShape(String name, String type, List<Long> shape) {
        static List<ParameterShape> of(Block block) {
            List<ParameterShape> table = new ArrayList<>();
            for (Pair<String, Parameter> entry : block.getParameters()) {
                if (entry.getValue().isInitialized()) {
                    var array = entry.getValue().getArray();
                    table.add(new ParameterShape(
                            entry.getKey(), array.getDataType().name(), dimensions(array.getShape())));
                }
            }
            return table;
        }

        @Override
        public String toString() {
            return name + " " + type + " " + shape;
        }
    }

    /**
     * Where a run stands, at a moment without half-done gradients.
     *
     * @param epoch epochs completed
     * @param batchInEpoch batches done of the epoch under way
     * @param step optimizer steps done
     * @param batchesPerEpoch batches of an epoch as the schedule was laid out, 0 if not known yet
     * @param lossSum sum of the losses of the epoch under way, each times its weight
     * @param sampleCount sum of those weights: samples, or what a {@link dev.millrace.model.WeightedLoss} counts
     * @param rateScale what the plateau schedule has reached
     * @param plateauBest its best value, or null
     * @param plateauEpochs epochs it has waited
     * @param best best monitored value, or null
     * @param bestStep steps done when it was reached, -1 if never
     * @param epochsWithoutImprovement for early stopping
     * @param stoppingBest the value those epochs did not beat, or null
     * @param validation latest validation values
     */
    record Progress(
            long epoch,
            long batchInEpoch,
            long step,
            long batchesPerEpoch,
            double lossSum,
            long sampleCount,
            double rateScale,
            @Nullable Double plateauBest,
            int plateauEpochs,
            @Nullable Double best,
            long bestStep,
            int epochsWithoutImprovement,
            @Nullable Double stoppingBest,
            Map<String, Double> validation) {}

    static List<Long> dimensions(Shape shape) {
        return Arrays.stream(shape.getShape()).boxed().toList();
    }

    Shape[] shapes() {
        return inputShapes.stream()
                .map(dimensions ->
                        new Shape(dimensions.stream().mapToLong(Long::longValue).toArray()))
                .toArray(Shape[]::new);
    }
}
