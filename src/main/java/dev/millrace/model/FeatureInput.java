package dev.millrace.model;

import java.util.List;

/**
 * What the features of nodes or bonds are, and so how they become vectors. Immutable.
 *
 * <p>A width alone does not identify a feature set; {@link #nodesOf} and {@link #bondsOf} know the named specifications.
 */
public sealed interface FeatureInput {
    /** Columns of the feature array. */
    int width();

    /** Real numbers float32 or float64 {@code [rows, width]}, taken by a linear layer. */
    record Dense(int width) implements FeatureInput {
        /** Checks that there is a column. */
        public Dense {
            if (width < 1) {
                throw new IllegalArgumentException("Feature width must be at least 1, found " + width + ".");
            }
        }
    }

    /** Category codes int64 {@code [rows, tableSizes.size()]}, each column {@code c} below {@code tableSizes[c]}. */
    record Codes(List<Integer> tableSizes) implements FeatureInput {
        /** Checks that there is a column and that every table has a row. */
        public Codes {
            tableSizes = List.copyOf(tableSizes);
            if (tableSizes.isEmpty() || tableSizes.stream().anyMatch(size -> size < 1)) {
                throw new IllegalArgumentException(
                        "Code tables must have sizes of at least 1, one per column, found " + tableSizes + ".");
            }
        }

        @Override
        public int width() {
            return tableSizes.size();
        }
    }

    /**
     * Node features of a named specification: {@code bitspec-48-6} or {@code ogb-9-3}.
     *
     * @throws IllegalArgumentException for any other name
     */
    static FeatureInput nodesOf(String specification) {
        return switch (specification) {
            case "bitspec-48-6" -> new Dense(48);
            // atomic number, chirality, degree, charge, hydrogens, radicals, hybridization, aromatic, in ring
            case "ogb-9-3" -> new Codes(List.of(119, 5, 12, 12, 10, 6, 6, 2, 2));
            default -> throw unknown(specification);
        };
    }

    /**
     * Bond features of a named specification: {@code bitspec-48-6} or {@code ogb-9-3}.
     *
     * @throws IllegalArgumentException for any other name
     */
    static FeatureInput bondsOf(String specification) {
        return switch (specification) {
            case "bitspec-48-6" -> new Dense(6);
            // type, stereo, conjugated
            case "ogb-9-3" -> new Codes(List.of(5, 6, 2));
            default -> throw unknown(specification);
        };
    }

    private static IllegalArgumentException unknown(String specification) {
        return new IllegalArgumentException(
                "Feature specification not known to the model: expected bitspec-48-6 or ogb-9-3," + " found '"
                        + specification + "'.");
    }
}
