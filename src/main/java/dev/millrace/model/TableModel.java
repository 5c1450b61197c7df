package dev.millrace.model;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.util.PairList;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Numbers or a class from the columns of a table: numbers, categories and at most one picture, laid side by side and mapped by
 * dense layers. A picture is seen through blocks of a 3 × 3 convolution, batch normalization, activation and 2 × 2 maximum; what
 * they leave is averaged to four to seven cells a side.
 *
 * <pre>
 *   input[i]   as {@link TableInput} number i says, [B, …], of any numeric type; categories int64
 *   output[0]  float32 [B, T] in the units of the labels, or logits [B, classes]
 * </pre>
 *
 * <p>Means, deviations, categories and classes of the training rows are part of the configuration, so that what comes out needs no file
 * beside the model. float64 and integers are scaled in float64; all else is float32.
 *
 * <p>One thread at a time while training; thread-safe for inference (see {@link GradientPause}).
 */
public final class TableModel extends AbstractBlock implements TrainableModel {
    private static final byte VERSION = 1;

    /** What a picture is averaged to, if it is larger. */
    private static final int CELLS = 4;

    private static final long KERNEL = 3;
    private static final String CATEGORIES = "categories";

    private final TableModelConfig config;
    private final @Nullable Parameter categories;
    private final @Nullable SequentialBlock convolutions;
    private final SequentialBlock layers;

    /** A model whose parameters are still to be initialized or loaded. */
    public TableModel(TableModelConfig config) {
        super(VERSION);
        this.config = config;
        long known = config.inputs().stream()
                .filter(TableInput.Categories.class::isInstance)
                .flatMap(input -> ((TableInput.Categories) input).values().stream())
                .mapToLong(values -> values.size() + 1L)
                .sum();
        categories = known == 0
                ? null
                : addParameter(Parameter.builder()
                        .setName(CATEGORIES)
                        .setType(Parameter.Type.WEIGHT)
                        .optShape(new Shape(known, config.embeddingDim()))
                        .optInitializer(new NormalInitializer(1))
                        .build());
        convolutions = config.channels().isEmpty() ? null : addChildBlock("convolutions", convolutions(config));
        layers = addChildBlock("layers", layers(config));
    }

    private static SequentialBlock convolutions(TableModelConfig config) {
        SequentialBlock blocks = new SequentialBlock();
        for (int maps : config.channels()) {
            blocks.add(Conv2d.builder()
                    .setKernelShape(new Shape(KERNEL, KERNEL))
                    .optPadding(new Shape(KERNEL / 2, KERNEL / 2))
                    .setFilters(maps)
                    .build());
            blocks.add(BatchNorm.builder().build());
            addActivation(blocks, config);
            blocks.add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)));
        }
        for (TableInput input : config.inputs()) {
            if (input instanceof TableInput.Image image) {
                Shape cell = new Shape(
                        cell(image.height() >> config.channels().size()),
                        cell(image.width() >> config.channels().size()));
                blocks.add(Pool.avgPool2dBlock(cell, cell));
            }
        }
        return blocks;
    }

    private static long cell(int side) {
        return Math.max(1, side / CELLS);
    }

    private static SequentialBlock layers(TableModelConfig config) {
        SequentialBlock layers = new SequentialBlock();
        for (int width : config.hiddenDims()) {
            layers.add(Linear.builder().setUnits(width).build());
            addActivation(layers, config);
            if (config.dropout() > 0) {
                layers.add(Dropout.builder().optRate((float) config.dropout()).build());
            }
        }
        return layers.add(Linear.builder().setUnits(config.output().size()).build());
    }

    private static void addActivation(SequentialBlock blocks, TableModelConfig config) {
        blocks.add(array -> new NDList(GraphEncoder.activate(config.activation(), array.singletonOrThrow())));
    }

    /** What it was built with. */
    public TableModelConfig config() {
        return config;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, @Nullable PairList<String, Object> params) {
        NDList parts = new NDList();
        long offset = 0;
        for (int i = 0; i < config.inputs().size(); i++) {
            NDArray array = inputs.get(i);
            TableInput input = config.inputs().get(i);
            if (input instanceof TableInput.Numbers numbers) {
                parts.add(scaled(
                        array.reshape(array.getShape().get(0), -1),
                        numbers.means(),
                        numbers.deviations(),
                        new Shape(1, numbers.means().size())));
            } else if (input instanceof TableInput.Categories codes) {
                parts.add(vectors(parameterStore, array, codes, offset, training));
                offset += codes.values().stream()
                        .mapToLong(values -> values.size() + 1L)
                        .sum();
            } else if (input instanceof TableInput.Image image) {
                NDArray maps = requireConvolutions()
                        .forward(parameterStore, new NDList(picture(array, image)), training)
                        .singletonOrThrow();
                parts.add(maps.reshape(maps.getShape().get(0), -1));
            }
        }
        NDArray features = parts.size() == 1 ? parts.head() : NDArrays.concat(parts, 1);
        NDArray output =
                layers.forward(parameterStore, new NDList(features), training).singletonOrThrow();
        if (config.output() instanceof TableModelConfig.Values values) {
            NDArray deviations = row(
                    output,
                    values.targets().stream()
                            .map(PropertyModelConfig.Target::standardDeviation)
                            .toList());
            NDArray means = row(
                    output,
                    values.targets().stream()
                            .map(PropertyModelConfig.Target::mean)
                            .toList());
            return new NDList(output.mul(deviations).add(means));
        }
        return new NDList(output);
    }

    private static NDArray row(NDArray like, List<Double> values) {
        return Constants.column(
                        like.getManager(),
                        like.getDevice(),
                        like.getDataType(),
                        values.stream().mapToDouble(Double::doubleValue).toArray())
                .reshape(1, values.size());
    }

    /** {@code (x - mean) / deviation} as float32. */
    private static NDArray scaled(NDArray array, List<Double> means, List<Double> deviations, Shape shape) {
        // A date in seconds has no room in a float32 before its mean is taken off.
        boolean wide = array.getDataType() == DataType.FLOAT64
                || array.getDataType() == DataType.INT64
                || array.getDataType() == DataType.INT32;
        NDArray numbers = array.toType(wide ? DataType.FLOAT64 : DataType.FLOAT32, false);
        return numbers.sub(row(numbers, means).reshape(shape))
                .div(row(numbers, deviations).reshape(shape))
                .toType(DataType.FLOAT32, false);
    }

    /** {@code [B, columns · width]}; all columns share one table, each has its part of it. */
    private NDArray vectors(
            ParameterStore parameterStore, NDArray codes, TableInput.Categories input, long offset, boolean training) {
        Parameter table = Objects.requireNonNull(categories, "there are categories");
        long[] starts = new long[input.size()];
        long start = offset;
        for (int column = 0; column < starts.length; column++) {
            starts[column] = start;
            start += input.values().get(column).size() + 1L;
        }
        NDArray rows = codes.reshape(-1, starts.length)
                .add(Constants.longs(codes.getManager(), codes.getDevice(), starts)
                        .reshape(1, starts.length));
        NDArray weights = parameterStore.getValue(table, codes.getDevice(), training);
        return Embedding.embedding(rows, weights, SparseFormat.DENSE)
                .singletonOrThrow()
                .reshape(-1, (long) starts.length * config.embeddingDim());
    }

    /** {@code [B, C, H, W]}, scaled. */
    private static NDArray picture(NDArray array, TableInput.Image image) {
        NDArray maps = image.channelsLast()
                ? array.reshape(-1, image.height(), image.width(), image.channels())
                        .transpose(0, 3, 1, 2)
                : array.reshape(-1, image.channels(), image.height(), image.width());
        return scaled(
                maps,
                image.means(),
                image.deviations(),
                new Shape(1, image.means().size(), 1, 1));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {new Shape(inputs[0].get(0), config.output().size())};
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... shapes) {
        requireFit(shapes);
        long batch = shapes[0].get(0);
        long width = 0;
        for (TableInput input : config.inputs()) {
            if (input instanceof TableInput.Image image) {
                Shape picture = new Shape(batch, image.channels(), image.height(), image.width());
                requireConvolutions().initialize(manager, dataType, picture);
                width += requireConvolutions()
                        .getOutputShapes(new Shape[] {picture})[0]
                        .slice(1)
                        .size();
            } else {
                width += input instanceof TableInput.Categories
                        ? (long) input.size() * config.embeddingDim()
                        : input.size();
            }
        }
        layers.initialize(manager, dataType, new Shape(batch, width));
    }

    private SequentialBlock requireConvolutions() {
        return Objects.requireNonNull(convolutions, "a picture has convolutions, as the configuration checks");
    }

    private void requireFit(Shape[] shapes) {
        List<String> faults = new ArrayList<>();
        for (int i = 0; i < Math.min(shapes.length, config.inputs().size()); i++) {
            TableInput input = config.inputs().get(i);
            long found = shapes[i].slice(1).size();
            if (found != input.size()) {
                faults.add(input.name() + " of " + input.size() + " elements, found " + found);
            }
        }
        if (shapes.length != config.inputs().size()) {
            faults.add(config.inputs().stream().map(TableInput::name).collect(Collectors.joining(", ")) + ", found "
                    + shapes.length + " arrays");
        }
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException("Arrays do not fit the table model: expected "
                    + String.join("; ", faults) + ". Give it the slots that it was made for.");
        }
    }

    @Override
    protected void saveMetadata(DataOutputStream out) throws IOException {
        out.writeUTF(config.identity());
        saveInputShapes(out);
    }

    @Override
    public void loadMetadata(byte loadVersion, DataInputStream in) throws IOException, MalformedModelException {
        GraphEncoder.checkSaved("table model", VERSION, loadVersion, config.identity(), in);
        readInputShapes(in);
    }
}
