package dev.millrace.model;

import dev.millrace.model.GraphEncoderConfig.ActivationKind;
import dev.millrace.model.PropertyModelConfig.Target;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * Shape of a {@link TableModel}. Immutable.
 *
 * @param inputs arrays of a batch's data, in order
 * @param channels maps of each block of convolutions; empty without a picture
 * @param hiddenDims widths of the dense layers before the last
 * @param embeddingDim width of the vector of a category
 * @param dropout share of values set to zero after each dense layer while training
 * @param activation after each layer but the last
 * @param output what is predicted
 */
public record TableModelConfig(
        List<TableInput> inputs,
        List<Integer> channels,
        List<Integer> hiddenDims,
        int embeddingDim,
        double dropout,
        ActivationKind activation,
        Output output) {

    /** What is predicted. */
    public sealed interface Output {
        /** Numbers that the last layer gives. */
        int size();
    }

    /**
     * Quantities, in the units of their labels.
     *
     * @param targets with mean and deviation over the training rows
     */
    public record Values(List<Target> targets) implements Output {
        public Values {
            targets = List.copyOf(targets);
        }

        @Override
        public int size() {
            return targets.size();
        }
    }

    /**
     * One of several classes.
     *
     * @param names in the order of their numbers
     */
    public record Classes(List<String> names) implements Output {
        public Classes {
            names = List.copyOf(names);
        }

        @Override
        public int size() {
            return names.size();
        }
    }

    /**
     * Checks all values.
     *
     * @throws IllegalArgumentException naming every fault
     */
    public TableModelConfig {
        inputs = List.copyOf(inputs);
        channels = List.copyOf(channels);
        hiddenDims = List.copyOf(hiddenDims);
        List<String> faults = new ArrayList<>();
        if (inputs.isEmpty()) {
            faults.add("there must be an input, found none");
        }
        if (output.size() < 1 || (output instanceof Classes && output.size() < 2)) {
            faults.add("there must be a target, or two classes, found " + output.size());
        }
        checkWidths("hidden_dims", hiddenDims, faults);
        checkWidths("channels", channels, faults);
        if (embeddingDim < 1 || embeddingDim > 4_096) {
            faults.add("embedding_dim must be 1..4096, found " + embeddingDim);
        }
        GraphEncoderConfig.checkDropout("dropout", dropout, faults);
        inputs.forEach(input -> check(input, faults));
        List<TableInput.Image> images = images(inputs);
        if (images.size() != (channels.isEmpty() ? 0 : 1)) {
            faults.add("convolutions need one picture, and a picture needs convolutions, found " + images.size()
                    + " pictures and channels " + channels);
        } else if (!images.isEmpty()) {
            int least = Math.min(images.get(0).height(), images.get(0).width());
            if (least >> channels.size() < 1) {
                faults.add("each of channels " + channels + " halves the picture, which must leave something, found "
                        + images.get(0).height() + " × " + images.get(0).width());
            }
        }
        GraphEncoderConfig.refuse("the table model", faults);
    }

    private static void checkWidths(String key, List<Integer> widths, List<String> faults) {
        if (widths.stream().anyMatch(width -> width < 1 || width > 65_536)) {
            faults.add(key + " must be 1..65536, found " + widths);
        }
    }

    private static void check(TableInput input, List<String> faults) {
        if (input instanceof TableInput.Numbers numbers) {
            checkScale(input, numbers.means(), numbers.deviations(), numbers.size(), faults);
        } else if (input instanceof TableInput.Image image) {
            checkScale(input, image.means(), image.deviations(), image.channels(), faults);
        }
    }

    private static void checkScale(
            TableInput input, List<Double> means, List<Double> deviations, int size, List<String> faults) {
        boolean many = means.size() == size || means.size() == 1;
        if (!many
                || deviations.size() != means.size()
                || !means.stream().allMatch(Double::isFinite)
                || !deviations.stream().allMatch(value -> value > 0 && Double.isFinite(value))) {
            faults.add("means and deviations of " + input.name() + " must be finite, one or " + size
                    + ", with deviations above 0");
        }
    }

    private static List<TableInput.Image> images(List<TableInput> inputs) {
        return inputs.stream()
                .filter(TableInput.Image.class::isInstance)
                .map(TableInput.Image.class::cast)
                .toList();
    }

    /** What identifies a model at load: its sizes, and a sum over scales, categories and classes. */
    String identity() {
        CRC32C crc = new CRC32C();
        crc.update(toString().getBytes(StandardCharsets.UTF_8));
        return String.format(
                Locale.ROOT,
                "%d inputs, channels %s, hidden_dims %s, embedding_dim %d, %d outputs, %08x",
                inputs.size(),
                channels,
                hiddenDims,
                embeddingDim,
                output.size(),
                crc.getValue());
    }
}
