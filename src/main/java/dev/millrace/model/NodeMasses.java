package dev.millrace.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;

/**
 * What each node feature contributes to the nominal mass of a molecule, in Da: for {@link FeatureInput.Dense} one number
 * per column, for {@link FeatureInput.Codes} one per row of the joined code tables. Immutable.
 *
 * <p>The mass of a molecule is the sum over its atoms of the element and of its hydrogens, both of which are among the
 * features of the named specifications. Nominal means integer masses of the most abundant isotopes.
 *
 * @param contributions one per feature; {@link #UNKNOWN} where the feature does not tell the mass
 */
public record NodeMasses(List<Integer> contributions) {
    /** Makes every sum negative, by which a molecule of unknown mass is recognised; exact in float32. */
    static final int UNKNOWN = -4_000_000;

    /** Most abundant (or longest-lived) isotope of the elements 1…92. */
    private static final int[] NOMINAL = {
        1, 4, 7, 9, 11, 12, 14, 16, 19, 20, 23, 24, 27, 28, 31, 32, 35, 40, 39, 40, 45, 48, 51, 52, 55, 56, 59, 58, 63,
        64, 69, 74, 75, 80, 79, 84, 85, 88, 89, 90, 93, 98, 98, 102, 103, 106, 107, 114, 115, 120, 121, 130, 127, 132,
        133, 138, 139, 140, 141, 142, 145, 152, 153, 158, 159, 164, 165, 166, 169, 174, 175, 180, 181, 184, 187, 192,
        193, 195, 197, 202, 205, 208, 209, 209, 210, 222, 223, 226, 227, 232, 231, 238
    };

    /** Elements of the first eleven columns of {@code bitspec-48-6}. */
    private static final int[] BITSPEC_ELEMENTS = {1, 6, 7, 8, 9, 14, 15, 16, 17, 35, 53};

    /** Copies the list. */
    public NodeMasses {
        contributions = List.copyOf(contributions);
    }

    /**
     * The masses of the features of a named specification: {@code bitspec-48-6} or {@code ogb-9-3}.
     *
     * @throws IllegalArgumentException for any other name
     */
    public static NodeMasses of(String specification) {
        FeatureInput nodes = FeatureInput.nodesOf(specification);
        return new NodeMasses(nodes instanceof FeatureInput.Codes codes ? ogb(codes) : bitspec(nodes.width()));
    }

    /** How many contributions a kind of node features needs. */
    static int length(FeatureInput nodes) {
        return nodes instanceof FeatureInput.Codes codes
                ? codes.tableSizes().stream().mapToInt(Integer::intValue).sum()
                : nodes.width();
    }

    /** Node features {@code [N, F]} → masses {@code [N, 1]}, float32 for codes, else of the type of the features. */
    NDArray perNode(FeatureInput input, NDArray nodes) {
        boolean codes = input instanceof FeatureInput.Codes;
        double[] values =
                contributions.stream().mapToDouble(Integer::doubleValue).toArray();
        NDArray column = Constants.column(
                nodes.getManager(), nodes.getDevice(), codes ? DataType.FLOAT32 : nodes.getDataType(), values);
        return input instanceof FeatureInput.Codes tables
                ? CodeColumns.of(tables).embed(CodeColumns.of(tables).rowsOf(nodes), column)
                : nodes.matMul(column);
    }

    private static List<Integer> bitspec(int width) {
        List<Integer> masses = new ArrayList<>();
        for (int element : BITSPEC_ELEMENTS) {
            masses.add(NOMINAL[element - 1]);
        }
        masses.add(UNKNOWN);
        // After element 12, degree 8, charge 8 and chirality 5: hydrogens 0…4 and more.
        pad(masses, 33);
        hydrogens(masses, 4);
        pad(masses, width);
        return masses;
    }

    private static List<Integer> ogb(FeatureInput.Codes codes) {
        List<Integer> sizes = codes.tableSizes();
        List<Integer> masses = new ArrayList<>();
        for (int element = 1; element <= sizes.get(0); element++) {
            masses.add(element <= NOMINAL.length ? NOMINAL[element - 1] : UNKNOWN);
        }
        pad(masses, sizes.subList(0, 4).stream().mapToInt(Integer::intValue).sum());
        hydrogens(masses, 8);
        pad(masses, sizes.stream().mapToInt(Integer::intValue).sum());
        return masses;
    }

    private static void hydrogens(List<Integer> masses, int most) {
        for (int count = 0; count <= most; count++) {
            masses.add(count);
        }
        masses.add(UNKNOWN);
    }

    private static void pad(List<Integer> masses, int length) {
        while (masses.size() < length) {
            masses.add(0);
        }
    }
}
