package dev.millrace.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import dev.millrace.batch.GraphBatchifier;
import dev.millrace.graph.Graph;
import dev.millrace.molecule.MoleculeFormatException;
import dev.millrace.molecule.MoleculeReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * From SMILES to what a model predicts. Molecules that are predicted together, {@code Predictor.batchPredict}, are one batch of
 * graphs and one call of the model. Immutable, thread-safe.
 *
 * @param <O> what a row of the model's output becomes
 */
final class MoleculeTranslator<O> implements Translator<String, O> {
    private final MoleculeInput input;
    private final Function<float[], O> output;

    /** @param output makes a prediction of the row of one molecule */
    MoleculeTranslator(MoleculeInput input, Function<float[], O> output) {
        this.input = input;
        this.output = output;
    }

    @Override
    public Batchifier getBatchifier() {
        return GraphBatchifier.GRAPHS;
    }

    /** @throws MoleculeFormatException if it is not SMILES, or not a possible molecule */
    @Override
    public NDList processInput(TranslatorContext context, String smiles) throws MoleculeFormatException {
        return arrays(context, List.of(smiles));
    }

    /** @throws MoleculeFormatException naming the first that is not SMILES, or not a possible molecule */
    @Override
    public NDList batchProcessInput(TranslatorContext context, List<String> smiles) throws MoleculeFormatException {
        return arrays(context, smiles);
    }

    /** Made on the CPU, then moved once. */
    private NDList arrays(TranslatorContext context, List<String> smiles) throws MoleculeFormatException {
        List<Graph> graphs = new ArrayList<>();
        for (String each : smiles) {
            graphs.add(input.spec().featurize(MoleculeReader.smiles(each)));
        }
        NDManager manager = context.getNDManager();
        if (!manager.getDevice().isGpu()) {
            return input.arrays(manager, graphs);
        }
        try (NDManager host = manager.newSubManager(Device.cpu())) {
            NDList moved = input.arrays(host, graphs).toDevice(manager.getDevice(), true);
            moved.attach(manager);
            return moved;
        }
    }

    @Override
    public O processOutput(TranslatorContext context, NDList outputs) {
        return rows(outputs).get(0);
    }

    @Override
    public List<O> batchProcessOutput(TranslatorContext context, NDList outputs) {
        return rows(outputs);
    }

    private List<O> rows(NDList outputs) {
        NDArray array = outputs.head();
        int width = Math.toIntExact(array.getShape().get(1));
        float[] values = array.toFloatArray();
        List<O> rows = new ArrayList<>();
        for (int at = 0; at < values.length; at += width) {
            rows.add(output.apply(Arrays.copyOfRange(values, at, at + width)));
        }
        return rows;
    }
}
