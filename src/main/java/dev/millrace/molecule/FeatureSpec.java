package dev.millrace.molecule;

import dev.millrace.graph.Graph;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A named and versioned way to write a molecule as features. The width alone does not tell two specifications apart, so a
 * file records the {@link #id()}.
 *
 * <p>Every bond is two edges, begin to end and then end to begin, next to each other and with equal features, in the order
 * of the molecule's bonds. Features are stored as unsigned bytes; {@link #inputType()} is what a model gets.
 *
 * <table>
 *   <caption>Columns</caption>
 *   <tr><th>id</th><th>nodes</th><th>edges</th><th>stored</th><th>reaches DJL as</th></tr>
 *   <tr><td>{@code ogb-9-3}</td><td>atomic number − 1, chirality, degree, charge + 5, hydrogens, radical electrons,
 *       hybridisation, aromatic, in ring (category codes; the last code of a column means "other")</td>
 *       <td>bond type, stereo, conjugated</td><td>uint8</td><td>INT64 codes for embeddings</td></tr>
 *   <tr><td>{@code bitspec-48-6}</td><td>one-hot with an unknown slot: element 12, degree 8, charge 8, chirality 5,
 *       hydrogens 6, hybridisation 7; aromatic, in ring</td>
 *       <td>one-hot single, double, triple, aromatic (no unknown slot); conjugated, in ring</td>
 *       <td>uint8</td><td>FLOAT32</td></tr>
 * </table>
 *
 * <p>Chemistry follows RDKit 2022.09 ({@link #RULES}). Sources: Open Graph Benchmark {@code utils/features.py}; BitSpec
 * {@code src/data/features.py}. Immutable, thread-safe.
 */
public enum FeatureSpec {
    /** Open Graph Benchmark's 9 atom and 3 bond codes, as in PCQM4Mv2. */
    OGB_9_3("ogb-9-3", 9, 3, InputType.INT64, false),
    /** BitSpec's 48 and 6 one-hot columns; explicit hydrogens of a MOL file stay nodes. */
    BITSPEC_48_6("bitspec-48-6", 48, 6, InputType.FLOAT32, true);

    /** The perception rules behind both specifications; recorded beside the data. */
    public static final String RULES = "rdkit-2022.09";

    /** How feature bytes are widened for a model. */
    public enum InputType {
        /** Category codes, to be looked up in embeddings. */
        INT64,
        /** Values to compute with. */
        FLOAT32
    }

    private static final int[] BITSPEC_ELEMENTS = {1, 6, 7, 8, 9, 14, 15, 16, 17, 35, 53};

    private final String id;
    private final int nodeWidth;
    private final int edgeWidth;
    private final InputType inputType;
    private final boolean keepsHydrogens;

    FeatureSpec(String id, int nodeWidth, int edgeWidth, InputType inputType, boolean keepsHydrogens) {
        this.id = id;
        this.nodeWidth = nodeWidth;
        this.edgeWidth = edgeWidth;
        this.inputType = inputType;
        this.keepsHydrogens = keepsHydrogens;
    }

    /**
     * Finds a specification by its id.
     *
     * @throws IllegalArgumentException naming the known ones
     */
    public static FeatureSpec named(String id) {
        for (FeatureSpec spec : values()) {
            if (spec.id.equals(id)) {
                return spec;
            }
        }
        throw new IllegalArgumentException("Unknown feature specification: expected one of "
                + Arrays.stream(values()).map(FeatureSpec::id).toList() + ", found '" + id + "'.");
    }

    /** Name and version in one, as recorded in files: {@code ogb-9-3}, {@code bitspec-48-6}. */
    public String id() {
        return id;
    }

    /** Columns per atom. */
    public int nodeWidth() {
        return nodeWidth;
    }

    /** Columns per directed edge. */
    public int edgeWidth() {
        return edgeWidth;
    }

    /** The data type that models take these features as. */
    public InputType inputType() {
        return inputType;
    }

    /** Whether explicit hydrogens of a MOL file stay atoms; those of a SMILES never do. */
    public boolean keepsHydrogens() {
        return keepsHydrogens;
    }

    /** Features of a molecule that {@link MoleculeReader} gave. */
    public Graph featurize(Molecule molecule) {
        int bonds = molecule.bondCount;
        int[] sources = new int[2 * bonds];
        int[] targets = new int[2 * bonds];
        for (int bond = 0; bond < bonds; bond++) {
            sources[2 * bond] = targets[2 * bond + 1] = molecule.begin[bond];
            targets[2 * bond] = sources[2 * bond + 1] = molecule.end[bond];
        }
        return Graph.of(
                molecule.atomCount,
                nodeWidth,
                nodeFeatures(molecule),
                sources,
                targets,
                edgeWidth,
                edgeFeatures(molecule));
    }

    /** {@code atoms × nodeWidth} unsigned bytes, row-major. */
    byte[] nodeFeatures(Molecule molecule) {
        byte[] features = new byte[molecule.atomCount * nodeWidth];
        Rings rings = molecule.rings;
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            boolean inRing = rings != null && rings.containsAtom(atom);
            switch (this) {
                case OGB_9_3 -> ogbNode(molecule, atom, inRing, features, atom * nodeWidth);
                case BITSPEC_48_6 -> bitspecNode(molecule, atom, inRing, features, atom * nodeWidth);
            }
        }
        return features;
    }

    /** {@code 2 × bonds × edgeWidth} unsigned bytes, row-major. */
    byte[] edgeFeatures(Molecule molecule) {
        byte[] features = new byte[2 * molecule.bondCount * edgeWidth];
        for (int bond = 0; bond < molecule.bondCount; bond++) {
            int at = 2 * bond * edgeWidth;
            switch (this) {
                case OGB_9_3 -> ogbEdge(molecule, bond, features, at);
                case BITSPEC_48_6 -> bitspecEdge(molecule, bond, molecule.rings, features, at);
            }
            for (int column = at; column < at + edgeWidth; column++) {
                features[column + edgeWidth] = features[column];
            }
        }
        return features;
    }

    /** The position of a value in a list of {@code size} known ones starting at {@code first}; {@code size} when unknown. */
    private static byte code(int value, int first, int size) {
        int position = value - first;
        return (byte) (position >= 0 && position < size ? position : size);
    }

    private static void ogbNode(Molecule molecule, int atom, boolean inRing, byte[] to, int at) {
        to[at] = code(molecule.atomicNumber[atom], 1, 118);
        to[at + 1] = molecule.chirality[atom];
        to[at + 2] = code(molecule.totalDegree(atom), 0, 11);
        to[at + 3] = code(molecule.charge[atom], -5, 11);
        to[at + 4] = code(molecule.hydrogenCount(atom), 0, 9);
        to[at + 5] = code(molecule.radicals[atom], 0, 5);
        to[at + 6] = (byte)
                switch (molecule.hybridization[atom]) {
                    case Hybridization.SP -> 0;
                    case Hybridization.SP2 -> 1;
                    case Hybridization.SP3 -> 2;
                    case Hybridization.SP3D -> 3;
                    case Hybridization.SP3D2 -> 4;
                    default -> 5;
                };
        to[at + 7] = (byte) (molecule.aromatic[atom] ? 1 : 0);
        to[at + 8] = (byte) (inRing ? 1 : 0);
    }

    private static void ogbEdge(Molecule molecule, int bond, byte[] to, int at) {
        to[at] = bondType(molecule, bond);
        to[at + 1] = molecule.stereo[bond];
        to[at + 2] = (byte) (molecule.conjugated[bond] ? 1 : 0);
    }

    private static byte bondType(Molecule molecule, int bond) {
        return (byte)
                switch (molecule.order[bond]) {
                    case Molecule.SINGLE -> 0;
                    case Molecule.DOUBLE -> 1;
                    case Molecule.TRIPLE -> 2;
                    case Molecule.AROMATIC -> 3;
                    default -> 4;
                };
    }

    private static void bitspecNode(Molecule molecule, int atom, boolean inRing, byte[] to, int at) {
        int element = Arrays.binarySearch(BITSPEC_ELEMENTS, molecule.atomicNumber[atom]);
        to[at + (element < 0 ? BITSPEC_ELEMENTS.length : element)] = 1;
        to[at + 12 + code(molecule.degree(atom), 0, 7)] = 1;
        to[at + 20 + code(molecule.charge[atom], -3, 7)] = 1;
        to[at + 28 + code(molecule.chirality[atom], 0, 4)] = 1;
        to[at + 33 + code(molecule.hydrogenCount(atom), 0, 5)] = 1;
        to[at + 39 + code(molecule.hybridization[atom], 0, 6)] = 1;
        to[at + 46] = (byte) (molecule.aromatic[atom] ? 1 : 0);
        to[at + 47] = (byte) (inRing ? 1 : 0);
    }

    private static void bitspecEdge(Molecule molecule, int bond, @Nullable Rings rings, byte[] to, int at) {
        int type = bondType(molecule, bond);
        if (type < 4) {
            to[at + type] = 1;
        }
        to[at + 4] = (byte) (molecule.conjugated[bond] ? 1 : 0);
        to[at + 5] = (byte) (rings != null && rings.containsBond(bond) ? 1 : 0);
    }
}
