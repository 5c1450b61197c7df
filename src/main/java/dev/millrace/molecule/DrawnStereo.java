package dev.millrace.molecule;

import java.util.Arrays;

/** Stereo of a MOL file: centres from wedges or 3D coordinates, double bonds from the positions of their neighbours. */
final class DrawnStereo {
    /** Height given to the end of a wedge, in units of the other bonds' unit vectors. */
    private static final double WEDGE_HEIGHT = 0.1;

    /** A wedge against two other bonds that are in line to within one degree says nothing: 0.1 sin 1°. */
    private static final double FLAT_WEDGE_VOLUME = 0.00174533;

    /** Below this a centre in space is flat. */
    private static final double FLAT_CENTRE_VOLUME = 0.1;
    /** Cosine of 178 degrees. */
    private static final double LINEAR_COSINE = -0.999390827;

    private DrawnStereo() {}

    static void assignCentres(Molecule molecule) throws MoleculeFormatException {
        double[] coordinates = molecule.coordinates;
        byte[] wedge = molecule.wedge;
        if (coordinates == null || wedge == null) {
            return;
        }
        if (molecule.threeDimensional) {
            assignFromSpace(molecule, coordinates);
            return;
        }
        for (int bond = 0; bond < molecule.bondCount; bond++) {
            int atom = molecule.begin[bond];
            if ((wedge[bond] != Molecule.WEDGE_UP && wedge[bond] != Molecule.WEDGE_DOWN)
                    || molecule.isTetrahedral(atom)) {
                continue;
            }
            byte tag = fromWedges(molecule, coordinates, wedge, atom, bond);
            if (tag == 0) {
                continue;
            }
            molecule.chirality[atom] = tag;
            if (molecule.degree(atom) == 3 && molecule.explicitHydrogens[atom] == 0) {
                molecule.explicitValence[atom] = Valence.explicit(molecule, atom);
                if (Valence.implicit(molecule, atom, false) == 1) {
                    molecule.explicitHydrogens[atom] = 1;
                }
            }
        }
    }

    private static void assignFromSpace(Molecule molecule, double[] xyz) throws MoleculeFormatException {
        double[][] vectors = new double[3][];
        for (int atom = 0; atom < molecule.atomCount; atom++) {
            int degree = molecule.degree(atom);
            if (degree < 3 || degree > 4) {
                continue;
            }
            molecule.explicitValence[atom] = Valence.explicit(molecule, atom);
            int hydrogens = molecule.explicitHydrogens[atom] + Valence.implicit(molecule, atom, false);
            int number = molecule.atomicNumber[atom];
            int total = degree + hydrogens;
            if (total > 4 || (total != 4 && number != 16 && number != 34)) {
                continue;
            }
            int from = molecule.firstNeighbour[atom];
            for (int i = 0; i < 3; i++) {
                vectors[i] = difference(xyz, atom, molecule.neighbourAtom[from + i]);
            }
            double volume = volume(vectors[0], vectors[1], vectors[2]);
            molecule.chirality[atom] = volume < -FLAT_CENTRE_VOLUME
                    ? Molecule.CLOCKWISE
                    : volume > FLAT_CENTRE_VOLUME ? Molecule.COUNTERCLOCKWISE : 0;
        }
    }

    private static double[] difference(double[] xyz, int from, int to) {
        return new double[] {
            xyz[3 * to] - xyz[3 * from], xyz[3 * to + 1] - xyz[3 * from + 1], xyz[3 * to + 2] - xyz[3 * from + 2]
        };
    }

    private static double volume(double[] a, double[] b, double[] c) {
        return a[0] * (b[1] * c[2] - b[2] * c[1])
                + a[1] * (b[2] * c[0] - b[0] * c[2])
                + a[2] * (b[0] * c[1] - b[1] * c[0]);
    }

    /** The tag that a drawing with the point of {@code wedged} at {@code atom} means; 0 when it means none. */
    private static byte fromWedges(Molecule molecule, double[] xyz, byte[] wedge, int atom, int wedged) {
        int degree = molecule.degree(atom);
        if (degree > 4 || degree < 3) {
            return 0;
        }
        int from = molecule.firstNeighbour[atom];
        int number = molecule.atomicNumber[atom];
        int[] bonds = new int[degree];
        double[][] vectors = new double[degree][];
        bonds[0] = wedged;
        vectors[0] = raised(molecule, xyz, wedge, atom, wedged, molecule.otherAtom(wedged, atom));
        int count = 1;
        for (int i = from; i < from + degree; i++) {
            int bond = molecule.neighbourBond[i];
            int neighbour = molecule.neighbourAtom[i];
            if (molecule.order[bond] != Molecule.SINGLE && number != 15 && number != 16) {
                return 0;
            }
            if (degree == 3 && molecule.atomicNumber[neighbour] == 1 && molecule.isotope[neighbour] == 0) {
                return 0;
            }
            if (bond != wedged) {
                bonds[count] = bond;
                vectors[count++] = raised(molecule, xyz, wedge, atom, bond, neighbour);
            }
        }
        boolean counterclockwise;
        if (degree == 3) {
            double volume = volume(vectors[0], vectors[1], vectors[2]);
            if (!(Math.abs(volume) > FLAT_WEDGE_VOLUME)) {
                return 0;
            }
            counterclockwise = volume > 0;
        } else {
            double first = angle(vectors[0], vectors[1]);
            double second = angle(vectors[0], vectors[2]);
            double third = angle(vectors[0], vectors[3]);
            boolean odd = first > second ^ first > third ^ second > third;
            counterclockwise = !odd ^ wedge[wedged] == Molecule.WEDGE_DOWN;
        }
        if (molecule.isOddAgainstBondOrder(bonds, degree)) {
            counterclockwise = !counterclockwise;
        }
        return counterclockwise ? Molecule.COUNTERCLOCKWISE : Molecule.CLOCKWISE;
    }

    /** Unit vector to a neighbour in the plane, lifted out of it where the bond is a wedge from this atom. */
    private static double[] raised(Molecule molecule, double[] xyz, byte[] wedge, int atom, int bond, int neighbour) {
        double[] vector = difference(xyz, atom, neighbour);
        double length = Math.sqrt(vector[0] * vector[0] + vector[1] * vector[1]);
        vector[0] /= length;
        vector[1] /= length;
        vector[2] = 0;
        if (molecule.begin[bond] == atom) {
            vector[2] = wedge[bond] == Molecule.WEDGE_UP
                    ? WEDGE_HEIGHT
                    : wedge[bond] == Molecule.WEDGE_DOWN ? -WEDGE_HEIGHT : 0;
        }
        return vector;
    }

    /** Counterclockwise angle from a to b in the plane, 0 to 2π. */
    private static double angle(double[] a, double[] b) {
        double angle = Math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]);
        return angle < 0 ? angle + 2 * Math.PI : angle;
    }

    static void assignDoubleBonds(Molecule molecule, Rings rings) {
        double[] xyz = molecule.coordinates;
        byte[] wedge = molecule.wedge;
        if (xyz == null || wedge == null) {
            return;
        }
        int[] drawnBegin = null;
        for (int bond = 0; bond < molecule.bondCount; bond++) {
            if (!isCandidate(molecule, rings, bond)) {
                continue;
            }
            int begin = molecule.begin[bond];
            int end = molecule.end[bond];
            int first = reference(molecule, xyz, wedge, bond, begin, end);
            int second = first < 0 ? first : reference(molecule, xyz, wedge, bond, end, begin);
            if (first == ALLENE || second == ALLENE) {
                continue;
            }
            if (first < 0 || second < 0) {
                molecule.stereo[bond] = Molecule.STEREO_ANY;
                continue;
            }
            if (drawnBegin == null) {
                drawnBegin = new int[molecule.bondCount];
                Arrays.fill(drawnBegin, -1);
                molecule.drawnBegin = drawnBegin;
                molecule.drawnEnd = new int[molecule.bondCount];
                molecule.drawnCis = new boolean[molecule.bondCount];
            }
            drawnBegin[bond] = first;
            if (molecule.drawnEnd != null && molecule.drawnCis != null) {
                molecule.drawnEnd[bond] = second;
                molecule.drawnCis[bond] = isCis(xyz, first, begin, end, second);
            }
        }
    }

    private static boolean isCandidate(Molecule molecule, Rings rings, int bond) {
        int ring = rings.smallestWithBond(bond);
        return molecule.order[bond] == Molecule.DOUBLE
                && molecule.stereo[bond] != Molecule.STEREO_ANY
                && molecule.degree(molecule.begin[bond]) > 1
                && molecule.degree(molecule.end[bond]) > 1
                && (ring == 0 || ring > 7);
    }

    private static final int UNDEFINED = -1;
    private static final int ALLENE = -2;

    /** A neighbour of {@code atom} not in line with the double bond; UNDEFINED when the drawing leaves the geometry open. */
    private static int reference(Molecule molecule, double[] xyz, byte[] wedge, int doubleBond, int atom, int partner) {
        int found = UNDEFINED;
        boolean open = false;
        boolean allene = false;
        double[] axis = difference(xyz, atom, partner);
        for (int i = molecule.firstNeighbour[atom]; i < molecule.firstNeighbour[atom + 1]; i++) {
            int bond = molecule.neighbourBond[i];
            int neighbour = molecule.neighbourAtom[i];
            if (bond == doubleBond) {
                continue;
            }
            if (molecule.order[bond] == Molecule.DOUBLE) {
                allene = true;
            } else if (molecule.order[bond] == Molecule.SINGLE || molecule.order[bond] == Molecule.AROMATIC) {
                open |= wedge[bond] == Molecule.WEDGE_UNKNOWN;
                if (found < 0 && !isLinear(axis, difference(xyz, atom, neighbour))) {
                    found = neighbour;
                }
            }
        }
        if (allene) {
            return ALLENE;
        }
        return open ? UNDEFINED : found;
    }

    private static boolean isLinear(double[] a, double[] b) {
        double squares = dot(a, a) * dot(b, b);
        return squares < 1e-6 || dot(a, b) < LINEAR_COSINE * Math.sqrt(squares);
    }

    private static double dot(double[] a, double[] b) {
        return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    }

    private static double[] cross(double[] a, double[] b) {
        return new double[] {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
    }

    /** Whether the dihedral angle first-begin-end-second is below 90 degrees. */
    private static boolean isCis(double[] xyz, int first, int begin, int end, int second) {
        double[] axis = difference(xyz, begin, end);
        double[] normalFirst = cross(difference(xyz, first, begin), axis);
        double[] normalSecond = cross(axis, difference(xyz, end, second));
        return dot(normalFirst, normalSecond) > 0;
    }
}
