package dev.millrace.molecule;

import java.util.stream.Stream;

/**
 * What the stored features of graphs are, whoever computed them: a {@link FeatureSpec} of this library, the codes of PyTorch
 * Geometric's files ({@value #PYG_9_3}), or either of them padded. Immutable.
 *
 * <table>
 *   <caption>Beside the specifications of {@link FeatureSpec}</caption>
 *   <tr><th>id</th><th>what</th><th>reaches DJL as</th></tr>
 *   <tr><td>{@code pyg-9-3}</td><td>atomic number, chirality, degree, charge + 5, hydrogens, radical electrons, hybridisation,
 *       aromatic, in ring; bond type, stereo, conjugated, by PyTorch Geometric's lists; edges sorted</td>
 *       <td>INT64 codes</td></tr>
 *   <tr><td>{@code ID+pad-48-6}</td><td>the codes of ID as numbers, followed by zeros up to 48 and 6 columns: what BitSpec's
 *       {@code _adapt_features} makes of them</td><td>FLOAT32</td></tr>
 * </table>
 *
 * @param id name as recorded in files and models
 * @param nodeWidth columns per atom
 * @param edgeWidth columns per directed edge
 * @param inputType how they are widened for a model
 */
public record FeatureColumns(String id, int nodeWidth, int edgeWidth, FeatureSpec.InputType inputType) {
    /** Raw codes of PyTorch Geometric's PCQM4Mv2. No molecule is featurised so here: they are read from its files. */
    public static final String PYG_9_3 = "pyg-9-3";

    private static final String PADDED = "+pad-48-6";
    private static final int PADDED_NODE_WIDTH = 48;
    private static final int PADDED_EDGE_WIDTH = 6;

    /**
     * Finds columns by their id.
     *
     * @throws IllegalArgumentException naming the known ones
     */
    public static FeatureColumns named(String id) {
        if (id.endsWith(PADDED)) {
            return named(id.substring(0, id.length() - PADDED.length())).padded();
        } else if (id.equals(PYG_9_3)) {
            return new FeatureColumns(PYG_9_3, 9, 3, FeatureSpec.InputType.INT64);
        }
        for (FeatureSpec spec : FeatureSpec.values()) {
            if (spec.id().equals(id)) {
                return new FeatureColumns(id, spec.nodeWidth(), spec.edgeWidth(), spec.inputType());
            }
        }
        throw new IllegalArgumentException("Unknown feature specification: expected one of "
                + Stream.concat(Stream.of(FeatureSpec.values()).map(FeatureSpec::id), Stream.of(PYG_9_3))
                        .toList()
                + " or one of them with " + PADDED + ", found '" + id + "'.");
    }

    /** The same as numbers in 48 and 6 columns; itself where they are that already, as nothing changes then. */
    public FeatureColumns padded() {
        boolean same = nodeWidth == PADDED_NODE_WIDTH
                && edgeWidth == PADDED_EDGE_WIDTH
                && inputType == FeatureSpec.InputType.FLOAT32;
        return same
                ? this
                : new FeatureColumns(id + PADDED, PADDED_NODE_WIDTH, PADDED_EDGE_WIDTH, FeatureSpec.InputType.FLOAT32);
    }
}
