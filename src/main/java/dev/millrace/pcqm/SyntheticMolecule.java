package dev.millrace.pcqm;

import dev.millrace.pcqm.Fragment.Centre;
import dev.millrace.pcqm.Fragment.Part;
import dev.millrace.pcqm.Fragment.Place;
import dev.millrace.pcqm.Fragment.Ring;
import dev.millrace.pcqm.Fragment.Text;

/**
 * Grows one random molecule after another from {@link Fragment pieces}: valid valences, sizes and composition about those of
 * PCQM4Mv2, but none need exist. Holds the molecule grown last. One thread at a time.
 */
final class SyntheticMolecule {
    static final int LARGEST = 20;

    private static final int SMALLEST = 3;
    private static final double MEAN = 14.45;
    private static final double SPREAD = 2.5;
    private static final int TRIES = 8;
    private static final double CHIRAL_SHARE = 0.7;

    private static final byte[] CLOCKWISE = {'[', 'C', '@', '@'};
    private static final byte[] ANTICLOCKWISE = {'[', 'C', '@'};
    private static final byte[] HYDROGEN_END = {'H', ']'};
    private static final byte[] END = {']'};

    private final Fragment[] pieces = new Fragment[LARGEST];
    private final int[] firstAtoms = new int[LARGEST];
    /** For each piece, the piece at each of its places, or −1. */
    private final int[][] attached = new int[LARGEST][8];

    /** Free places: piece and number of the place. */
    private final int[] freePieces = new int[8 * LARGEST];

    private final int[] freePlaces = new int[8 * LARGEST];
    private final int[] attachedTo = new int[LARGEST];
    private final Fragment.Atom[] atoms = new Fragment.Atom[LARGEST];
    private int pieceCount;
    private int atomCount;
    private int freeCount;

    /** Grows the next molecule. */
    void grow(Draws draws) {
        pieceCount = 0;
        atomCount = 0;
        freeCount = 0;
        int wanted = (int) Math.round(MEAN + SPREAD * draws.bell());
        wanted = Math.max(SMALLEST, Math.min(LARGEST, wanted));
        add(fitting(draws, wanted, true), -1);
        while (atomCount < wanted && freeCount > 0) {
            Fragment piece = fitting(draws, wanted - atomCount, false);
            if (!attach(draws, piece)) {
                attach(draws, Fragment.CARBON);
            }
        }
    }

    private static Fragment fitting(Draws draws, int room, boolean first) {
        for (int i = 0; i < TRIES; i++) {
            Fragment fragment = Fragment.drawn(draws, first);
            if (fragment.atoms.size() <= room) {
                return fragment;
            }
        }
        return Fragment.CARBON;
    }

    /** Whether a place was found for it; a carbon always finds one. */
    private boolean attach(Draws draws, Fragment fragment) {
        boolean carbon = fragment.atoms.get(0).carbon();
        for (int i = 0; i < TRIES; i++) {
            int free = draws.below(freeCount);
            int piece = freePieces[free];
            int place = freePlaces[free];
            int atom = firstAtoms[piece] + pieces[piece].places.get(place).atom();
            // No bonds between hetero atoms but within pieces: they are rare and often unstable.
            if (carbon || atoms[atom].carbon()) {
                freeCount--;
                freePieces[free] = freePieces[freeCount];
                freePlaces[free] = freePlaces[freeCount];
                attached[piece][place] = pieceCount;
                add(fragment, atom);
                return true;
            }
        }
        return false;
    }

    private void add(Fragment fragment, int atom) {
        int piece = pieceCount++;
        pieces[piece] = fragment;
        firstAtoms[piece] = atomCount;
        attachedTo[piece] = atom;
        for (Fragment.Atom each : fragment.atoms) {
            atoms[atomCount++] = each;
        }
        for (Place place : fragment.places) {
            attached[piece][place.number()] = -1;
            if (atom < 0 || !place.onlyFirst()) {
                freePieces[freeCount] = piece;
                freePlaces[freeCount++] = place.number();
            }
        }
    }

    int atomCount() {
        return atomCount;
    }

    Fragment.Atom atom(int atom) {
        return atoms[atom];
    }

    int pieceCount() {
        return pieceCount;
    }

    Fragment piece(int piece) {
        return pieces[piece];
    }

    int firstAtom(int piece) {
        return firstAtoms[piece];
    }

    /** The atom that a piece is attached to; −1 for the first piece. */
    int attachedTo(int piece) {
        return attachedTo[piece];
    }

    /** Writes it as SMILES; the same draws give the same stereo marks. */
    void write(Line line, Draws draws) {
        write(0, (byte) 0, 1, line, draws);
    }

    private void write(int piece, byte direction, int ring, Line line, Draws draws) {
        Fragment fragment = pieces[piece];
        byte mark = fragment.direction() == 0 ? direction : fragment.direction();
        if (mark != 0 && piece > 0) {
            line.put(mark);
        }
        for (Part part : fragment.parts) {
            if (part instanceof Text text) {
                line.put(text.bytes());
            } else if (part instanceof Ring closure) {
                line.put((byte) ('0' + ring + closure.number()));
            } else if (part instanceof Centre centre) {
                writeCentre(piece, centre, line, draws);
            } else if (part instanceof Place place && attached[piece][place.number()] >= 0) {
                writeAttached(attached[piece][place.number()], place, ring + fragment.rings, line, draws);
            }
        }
    }

    private void writeAttached(int piece, Place place, int ring, Line line, Draws draws) {
        if (!place.last()) {
            line.put((byte) '(');
        }
        write(piece, place.direction(), ring, line, draws);
        if (!place.last()) {
            line.put((byte) ')');
        }
    }

    private void writeCentre(int piece, Centre centre, Line line, Draws draws) {
        int neighbours = pieces[piece].degree(centre.atom()) + (piece > 0 && centre.atom() == 0 ? 1 : 0);
        for (int place = centre.firstPlace(); place < centre.firstPlace() + centre.places(); place++) {
            neighbours += attached[piece][place] >= 0 ? 1 : 0;
        }
        double share = draws.share();
        if (neighbours < 3 || share > CHIRAL_SHARE) {
            line.put((byte) 'C');
            return;
        }
        line.put(share < CHIRAL_SHARE / 2 ? CLOCKWISE : ANTICLOCKWISE);
        line.put(neighbours == 3 ? HYDROGEN_END : END);
    }
}
