package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.Iterator;
import java.util.function.BiConsumer;

/**
 * What a property model has to beat, both from training data alone: the mean of the training labels for every molecule, and a
 * linear function of how many atoms of each element a molecule has, fitted by least squares. Of the first target. Immutable.
 *
 * @param trained labelled training molecules looked at
 * @param evaluated labelled molecules that were predicted
 * @param meanError mean absolute error of the first prediction, in the unit of the labels
 * @param compositionError mean absolute error of the second prediction, in the unit of the labels
 */
public record PropertyBaselines(long trained, long evaluated, double meanError, double compositionError) {
    /** Element codes in all specifications are below. */
    private static final int ELEMENTS = 128;

    private static final int ONE_HOT_ELEMENTS = 12;

    /**
     * Computes both baselines; batches as those of a {@link PropertyModel}.
     *
     * @param specification of the features, which says where the element of an atom is
     * @param most looks at about this many training molecules, in the order of the data
     */
    public static PropertyBaselines of(
            RandomAccessDataset training, RandomAccessDataset evaluated, String specification, long most)
            throws IOException, TranslateException {
        LeastSquares fit = new LeastSquares(ELEMENTS + 1);
        each(training, specification, most, fit::add);
        double mean = fit.mean();
        double[] weights = fit.solve();
        double[] errors = new double[2];
        long count = each(evaluated, specification, Long.MAX_VALUE, (composition, label) -> {
            errors[0] += Math.abs(label - mean);
            errors[1] += Math.abs(label - LeastSquares.dot(weights, composition));
        });
        return new PropertyBaselines(fit.count(), count, errors[0] / count, errors[1] / count);
    }

    /** Gives composition and label of molecule after molecule; returns how many had a label. */
    private static long each(
            RandomAccessDataset data, String specification, long most, BiConsumer<double[], Double> action)
            throws IOException, TranslateException {
        long count = 0;
        try (NDManager manager = NDManager.newBaseManager(ai.djl.Device.cpu())) {
            Iterator<Batch> batches = data.getData(manager).iterator();
            try {
                while (count < most && batches.hasNext()) {
                    try (Batch batch = batches.next()) {
                        count += each(batch, specification, action);
                    }
                }
            } finally {
                if (batches instanceof AutoCloseable loading) {
                    close(loading);
                }
            }
        }
        return count;
    }

    static void close(AutoCloseable loading) {
        try {
            loading.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("Cannot stop loading", e);
        }
    }

    private static long each(Batch batch, String specification, BiConsumer<double[], Double> action) {
        NDList data = batch.getData();
        int[] elements = elements(data.get(0), specification);
        long[] atoms = data.get(4).toLongArray();
        NDArray labels = batch.getLabels().head();
        int columns = Math.toIntExact(labels.getShape().get(1));
        float[] values = labels.toFloatArray();
        long count = 0;
        int at = 0;
        for (int molecule = 0; molecule < atoms.length; molecule++) {
            double[] composition = new double[ELEMENTS + 1];
            composition[ELEMENTS] = 1;
            for (long atom = 0; atom < atoms[molecule]; atom++) {
                composition[elements[at++]]++;
            }
            float label = values[molecule * columns];
            if (!Float.isNaN(label)) {
                action.accept(composition, (double) label);
                count++;
            }
        }
        return count;
    }

    /** A number for the element of every atom, the same for the same element. */
    private static int[] elements(NDArray nodes, String specification) {
        int width = Math.toIntExact(nodes.getShape().get(1));
        boolean oneHot = nodes.getDataType() != DataType.INT64 && !specification.endsWith(FeatureInput.PADDED);
        double[] values = nodes.toType(DataType.FLOAT64, false).toDoubleArray();
        int[] elements = new int[values.length / width];
        for (int atom = 0; atom < elements.length; atom++) {
            int first = atom * width;
            int element = oneHot ? 0 : (int) values[first];
            while (oneHot && element < ONE_HOT_ELEMENTS - 1 && values[first + element] == 0) {
                element++;
            }
            elements[atom] = Math.min(Math.max(element, 0), ELEMENTS - 1);
        }
        return elements;
    }
}
