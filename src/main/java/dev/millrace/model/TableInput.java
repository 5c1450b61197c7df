package dev.millrace.model;

import java.util.List;

/** One array of a {@link TableModel}'s input, and how it becomes numbers of about one. Immutable. */
public sealed interface TableInput {
    /** What errors call it. */
    String name();

    /** Elements of a sample. */
    int size();

    /**
     * Numbers: {@code (x - mean) / deviation}.
     *
     * @param means one for each element, or one for all
     * @param deviations above 0, as many
     */
    record Numbers(String name, int size, List<Double> means, List<Double> deviations) implements TableInput {
        public Numbers {
            means = List.copyOf(means);
            deviations = List.copyOf(deviations);
        }
    }

    /**
     * Codes of categories, int64 {@code [B, columns]}: 0 for none that is known, then 1 for the first.
     *
     * @param values categories of each column, in the order of their codes
     */
    record Categories(String name, List<List<String>> values) implements TableInput {
        public Categories {
            values = values.stream().map(List::copyOf).toList();
        }

        @Override
        public int size() {
            return values.size();
        }
    }

    /**
     * A picture: {@code [B, H, W]}, {@code [B, C, H, W]} or, with the channels last, {@code [B, H, W, C]}.
     *
     * @param means one for each channel
     * @param deviations above 0, one for each channel
     */
    record Image(
            String name,
            int channels,
            int height,
            int width,
            boolean channelsLast,
            List<Double> means,
            List<Double> deviations)
            implements TableInput {
        public Image {
            means = List.copyOf(means);
            deviations = List.copyOf(deviations);
        }

        @Override
        public int size() {
            return channels * height * width;
        }
    }
}
