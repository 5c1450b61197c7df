package dev.millrace.model;

import java.util.List;

/**
 * What the features of nodes or bonds are, and so how they become vectors. Immutable.
 *
 * <p>A width alone does not identify a feature set; {@link #nodesOf} and {@link #bondsOf} know the named specifications.
 */
public sealed interface FeatureInput {
    /** What an adapter appends that writes codes as numbers, padded with zeros or cut to 48 and 6 columns. */
    String PADDED = "+pad-48-6";

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
     * Node features of a named specification: {@code bitspec-48-6}, {@code ogb-9-3}, {@code pyg-9-3}, or one of them that an
     * adapter padded to numbers, such as {@code ogb-9-3+pad-48-6}.
     *
     * @throws IllegalArgumentException for any other name
     */
    static FeatureInput nodesOf(String specification) {
        if (specification.endsWith(PADDED)) {
            nodesOf(specification.substring(0, specification.length() - PADDED.length()));
            return new Dense(48);
        }
        return switch (specification) {
            case "bitspec-48-6" -> new Dense(48);
            // atomic number, chirality, degree, charge, hydrogens, radicals, hybridization, aromatic, in ring
            case "ogb-9-3" -> new Codes(List.of(119, 5, 12, 12, 10, 6, 6, 2, 2));
            // atomic number, chirality, degree, charge, hydrogens, radicals, hybridization, aromatic, in ring
            case "pyg-9-3" -> new Codes(List.of(119, 9, 11, 12, 9, 5, 8, 2, 2));
            default -> throw unknown(specification);
        };
    }

    /**
     * Bond features of a named specification, see {@link #nodesOf}.
     *
     * @throws IllegalArgumentException for any other name
     */
    static FeatureInput bondsOf(String specification) {
        if (specification.endsWith(PADDED)) {
            bondsOf(specification.substring(0, specification.length() - PADDED.length()));
            return new Dense(6);
        }
        return switch (specification) {
            case "bitspec-48-6" -> new Dense(6);
            // type, stereo, conjugated
            case "ogb-9-3" -> new Codes(List.of(5, 6, 2));
            // type, stereo, conjugated
            case "pyg-9-3" -> new Codes(List.of(22, 6, 2));
            default -> throw unknown(specification);
        };
    }

    private static IllegalArgumentException unknown(String specification) {
        return new IllegalArgumentException(
                "Feature specification not known to the model: expected bitspec-48-6, ogb-9-3 or pyg-9-3, found '"
                        + specification + "'.");
    }
}
