package dev.millrace.molecule;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A molecule as parallel arrays over atoms and bonds, in the order of its text.
 *
 * <p>Made by {@link MoleculeReader}; one thread at a time while a {@link FeatureSpec} works on it. Atom and bond numbers are
 * 0-based. After perception {@link #hydrogenCount} and charges are those of RDKit 2022.09.
 */
public final class Molecule {
    /** Largest accepted number of atoms and of bonds; far beyond drug-like molecules, small enough to bound the work. */
    public static final int MAX_ATOMS = 5_000;

    static final byte ZERO = 0;
    static final byte SINGLE = 1;
    static final byte DOUBLE = 2;
    static final byte TRIPLE = 3;
    static final byte QUADRUPLE = 4;
    static final byte AROMATIC = 5;
    static final byte DATIVE = 6;
    static final byte QUERY = 7;
    /** Not written in a SMILES: aromatic between aromatic atoms, else single. Only while parsing. */
    static final byte UNSPECIFIED = 8;

    static final byte CLOCKWISE = 1;
    static final byte COUNTERCLOCKWISE = 2;
    /** A chirality class beyond tetrahedral (square planar and so on), which the feature specifications only call "other". */
    static final byte NON_TETRAHEDRAL = 4;

    static final byte UP = 1;
    static final byte DOWN = 2;

    static final byte STEREO_NONE = 0;
    static final byte STEREO_Z = 1;
    static final byte STEREO_E = 2;
    static final byte STEREO_ANY = 5;

    static final byte WEDGE_NONE = 0;
    static final byte WEDGE_UP = 1;
    static final byte WEDGE_DOWN = 2;
    static final byte WEDGE_UNKNOWN = 3;

    int atomCount;
    int bondCount;

    int[] atomicNumber;
    int[] charge;
    int[] isotope;
    int[] explicitHydrogens;
    int[] implicitHydrogens;
    int[] radicals;
    int[] mapNumber;
    int[] explicitValence;
    boolean[] noImplicit;
    boolean[] aromatic;
    byte[] chirality;
    byte[] hybridization;

    int[] begin;
    int[] end;
    byte[] order;
    boolean[] bondAromatic;
    boolean[] conjugated;
    byte[] direction;
    byte[] stereo;

    /** Drawn wedges, begin atom at the point; null without a drawing. */
    byte @Nullable [] wedge;
    /** Coordinates, three per atom; null when the text has none. */
    double @Nullable [] coordinates;

    /**
     * Geometry of drawn double bonds: a neighbour of the begin atom, one of the end atom (each -1 when not drawn), and whether
     * they lie on the same side. Null for molecules from SMILES, whose bonds carry directions instead.
     */
    int @Nullable [] drawnBegin;

    int @Nullable [] drawnEnd;
    boolean @Nullable [] drawnCis;

    boolean threeDimensional;
    String title = "";

    /** Neighbours of atom {@code a}: entries {@code firstNeighbour[a] .. firstNeighbour[a + 1] - 1}, by bond number. */
    int[] firstNeighbour = {};

    int[] neighbourAtom = {};
    int[] neighbourBond = {};

    /** Null before perception. */
    @Nullable
    Rings rings;

    /** Bond orders with aromatic bonds written as single and double; known after perception. */
    byte[] kekuleOrder = {};

    Molecule(int atomCapacity, int bondCapacity) {
        atomicNumber = new int[atomCapacity];
        charge = new int[atomCapacity];
        isotope = new int[atomCapacity];
        explicitHydrogens = new int[atomCapacity];
        implicitHydrogens = new int[atomCapacity];
        radicals = new int[atomCapacity];
        mapNumber = new int[atomCapacity];
        explicitValence = new int[atomCapacity];
        noImplicit = new boolean[atomCapacity];
        aromatic = new boolean[atomCapacity];
        chirality = new byte[atomCapacity];
        hybridization = new byte[atomCapacity];
        begin = new int[bondCapacity];
        end = new int[bondCapacity];
        order = new byte[bondCapacity];
        bondAromatic = new boolean[bondCapacity];
        conjugated = new boolean[bondCapacity];
        direction = new byte[bondCapacity];
        stereo = new byte[bondCapacity];
    }

    /** Number of atoms; hydrogens are atoms only where the reader kept them. */
    public int atomCount() {
        return atomCount;
    }

    public int bondCount() {
        return bondCount;
    }

    /** First line of the MOL block, empty for SMILES. */
    public String title() {
        return title;
    }

    /** Whether the text gave coordinates that leave the plane. */
    public boolean hasThreeDimensionalCoordinates() {
        return threeDimensional;
    }

    /** Atomic number of an atom; 0 for a dummy. */
    public int atomicNumber(int atom) {
        return atomicNumber[atom];
    }

    /** Hydrogens of an atom that are not atoms themselves; known after perception. */
    public int hydrogenCount(int atom) {
        return explicitHydrogens[atom] + implicitHydrogens[atom];
    }

    /** Molecular formula in Hill order (C, H, then by symbol), charge last; known after perception. */
    public String formula() {
        Map<String, Integer> counts = new TreeMap<>();
        int totalCharge = 0;
        int hydrogens = 0;
        for (int atom = 0; atom < atomCount; atom++) {
            totalCharge += charge[atom];
            hydrogens += hydrogenCount(atom);
            if (atomicNumber[atom] == 1) {
                hydrogens++;
            } else if (atomicNumber[atom] > 0) {
                counts.merge(Elements.symbol(atomicNumber[atom]), 1, Integer::sum);
            }
        }
        StringBuilder text = new StringBuilder();
        Integer carbons = counts.remove("C");
        if (carbons != null) {
            appendCount(text, "C", carbons);
            appendCount(text, "H", hydrogens);
        } else if (hydrogens > 0) {
            counts.put("H", hydrogens);
        }
        counts.forEach((symbol, count) -> appendCount(text, symbol, count));
        if (totalCharge != 0) {
            text.append(totalCharge > 0 ? '+' : '-');
            if (Math.abs(totalCharge) > 1) {
                text.append(Math.abs(totalCharge));
            }
        }
        return text.toString();
    }

    /**
     * SMILES without stereo or isotopes that is the same for every atom order: the key for "same constitution".
     *
     * @throws MoleculeFormatException if CDK cannot write it
     */
    public String uniqueSmiles() throws MoleculeFormatException {
        return CdkBridge.uniqueSmiles(this);
    }

    private static void appendCount(StringBuilder text, String symbol, int count) {
        if (count > 0) {
            text.append(symbol);
            if (count > 1) {
                text.append(count);
            }
        }
    }

    int addAtom(int number) {
        if (atomCount == atomicNumber.length) {
            growAtoms();
        }
        atomicNumber[atomCount] = number;
        return atomCount++;
    }

    int addBond(int from, int to, byte bondOrder) {
        if (bondCount == begin.length) {
            growBonds();
        }
        begin[bondCount] = from;
        end[bondCount] = to;
        order[bondCount] = bondOrder;
        return bondCount++;
    }

    private void growAtoms() {
        int size = Math.max(16, atomCount * 2);
        atomicNumber = Arrays.copyOf(atomicNumber, size);
        charge = Arrays.copyOf(charge, size);
        isotope = Arrays.copyOf(isotope, size);
        explicitHydrogens = Arrays.copyOf(explicitHydrogens, size);
        implicitHydrogens = Arrays.copyOf(implicitHydrogens, size);
        radicals = Arrays.copyOf(radicals, size);
        mapNumber = Arrays.copyOf(mapNumber, size);
        explicitValence = Arrays.copyOf(explicitValence, size);
        noImplicit = Arrays.copyOf(noImplicit, size);
        aromatic = Arrays.copyOf(aromatic, size);
        chirality = Arrays.copyOf(chirality, size);
        hybridization = Arrays.copyOf(hybridization, size);
    }

    private void growBonds() {
        int size = Math.max(16, bondCount * 2);
        begin = Arrays.copyOf(begin, size);
        end = Arrays.copyOf(end, size);
        order = Arrays.copyOf(order, size);
        bondAromatic = Arrays.copyOf(bondAromatic, size);
        conjugated = Arrays.copyOf(conjugated, size);
        direction = Arrays.copyOf(direction, size);
        stereo = Arrays.copyOf(stereo, size);
    }

    /** Builds the neighbour lists; needed after every change of the set of bonds. */
    void connect() {
        int[] first = new int[atomCount + 1];
        for (int bond = 0; bond < bondCount; bond++) {
            first[begin[bond] + 1]++;
            first[end[bond] + 1]++;
        }
        for (int atom = 0; atom < atomCount; atom++) {
            first[atom + 1] += first[atom];
        }
        int[] next = Arrays.copyOf(first, atomCount);
        neighbourAtom = new int[2 * bondCount];
        neighbourBond = new int[2 * bondCount];
        for (int bond = 0; bond < bondCount; bond++) {
            int from = begin[bond];
            int to = end[bond];
            neighbourAtom[next[from]] = to;
            neighbourBond[next[from]++] = bond;
            neighbourAtom[next[to]] = from;
            neighbourBond[next[to]++] = bond;
        }
        firstNeighbour = first;
    }

    int degree(int atom) {
        return firstNeighbour[atom + 1] - firstNeighbour[atom];
    }

    int totalDegree(int atom) {
        return degree(atom) + hydrogenCount(atom);
    }

    int otherAtom(int bond, int atom) {
        return begin[bond] == atom ? end[bond] : begin[bond];
    }

    /** Number of the bond between two atoms, or -1. */
    int bondBetween(int first, int second) {
        for (int i = firstNeighbour[first]; i < firstNeighbour[first + 1]; i++) {
            if (neighbourAtom[i] == second) {
                return neighbourBond[i];
            }
        }
        return -1;
    }

    /** Twice the valence a bond gives to one of its atoms; a dative bond counts at its end only. */
    int twiceValence(int bond, int atom) {
        return switch (order[bond]) {
            case SINGLE -> 2;
            case DOUBLE -> 4;
            case TRIPLE -> 6;
            case QUADRUPLE -> 8;
            case AROMATIC -> 3;
            case DATIVE -> end[bond] == atom ? 2 : 0;
            default -> 0;
        };
    }

    boolean isDrawn(int doubleBond) {
        return drawnBegin != null && drawnBegin[doubleBond] >= 0;
    }

    /** Direction of a neighbour seen from one end of a drawn double bond; the begin side's reference is UP. */
    int drawnDirection(int doubleBond, int atom, int neighbour) {
        if (drawnBegin == null || drawnEnd == null || drawnCis == null) {
            return 0;
        }
        boolean atBegin = begin[doubleBond] == atom;
        boolean isReference = neighbour == (atBegin ? drawnBegin[doubleBond] : drawnEnd[doubleBond]);
        boolean up = isReference ^ (!atBegin && !drawnCis[doubleBond]);
        return up ? UP : DOWN;
    }

    void invertChirality(int atom) {
        if (chirality[atom] == CLOCKWISE) {
            chirality[atom] = COUNTERCLOCKWISE;
        } else if (chirality[atom] == COUNTERCLOCKWISE) {
            chirality[atom] = CLOCKWISE;
        }
    }

    boolean isTetrahedral(int atom) {
        return chirality[atom] == CLOCKWISE || chirality[atom] == COUNTERCLOCKWISE;
    }

    /** Whether an odd number of swaps brings the bonds in {@code listed} into the order of the atom's own bond list. */
    boolean isOddAgainstBondOrder(int[] listed, int count) {
        boolean odd = false;
        for (int i = 0; i < count; i++) {
            for (int j = i + 1; j < count; j++) {
                odd ^= listed[i] > listed[j];
            }
        }
        return odd;
    }
}
